namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>A pair as the diagnosis sees it.</summary>
/// <param name="Line">Its line, or its row counted from 1.</param>
/// <param name="ChosenKey">The first half of the SHA-256 of the whole chosen conversation.</param>
/// <param name="RejectedKey">That of the rejected one.</param>
/// <param name="Prompt">The prompt that both share, as splits by prompt see it; null where they share none.</param>
/// <param name="Question">What both sides begin with without the system's messages, which whole files have in common.</param>
/// <param name="Chosen">The text of the chosen side's own answers.</param>
/// <param name="Rejected">The text of the rejected side's own answers.</param>
internal sealed record DiagnosedPair(long Line, UInt128 ChosenKey, UInt128 RejectedKey, string? Prompt, string Question, string Chosen, string Rejected)
{
    /// <summary>Whether both sides are the same in all that they hold.</summary>
    public bool IsIdentical => ChosenKey == RejectedKey;
}
