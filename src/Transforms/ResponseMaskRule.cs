namespace MiniMind.MLNet.Dpo;

/// <summary>Which tokens of a conversation count as the response that is trained on.</summary>
public enum ResponseMaskRule
{
    /// <summary>Exactly the assistant's answers and their end tokens, in every turn (the default); the model's chat template tells where they are.</summary>
    ResponseSpan,

    /// <summary>
    /// What MiniMind's train_dpo.py takes, bit for bit: everything from the tokens of an answer's header to those of its end, with the cases that this gets
    /// wrong.
    /// </summary>
    HeaderPattern,
}
