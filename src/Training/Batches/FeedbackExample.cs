namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>An answer with a verdict, ready for training.</summary>
/// <param name="Response">The answer with its prompt.</param>
/// <param name="IsGood">Whether the answer is a good one.</param>
/// <param name="Line">The line of its file, for messages; 0 where unknown.</param>
internal sealed record FeedbackExample(Response Response, bool IsGood, long Line);
