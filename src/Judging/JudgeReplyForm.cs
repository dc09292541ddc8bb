namespace MiniMind.MLNet.Dpo;

/// <summary>How a judge is asked to reply.</summary>
public enum JudgeReplyForm
{
    /// <summary>By one letter, which any model can write.</summary>
    Letter,

    /// <summary>
    /// By a JSON object with one letter, whose schema is part of the request: endpoints that constrain replies cannot give another one, and clients that do not
    /// know of schemas refuse it.
    /// </summary>
    JsonSchema,
}
