namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The training data, as run records show it.</summary>
/// <param name="Examples">Pairs or conversations that are trained on.</param>
/// <param name="InputTokens">Their tokens, prompts of pairs counted for both sides.</param>
/// <param name="CountedTokens">Those whose prediction counts in the loss.</param>
/// <param name="Sha256">SHA-256 of token ids, labels and masks, in order.</param>
/// <param name="LeftOut">Rows that carry nothing to learn, by reason.</param>
/// <param name="Unreadable">Lines that could not be read, by reason.</param>
/// <param name="Truncation">What the maximum length took from the rows, where the data says how long they were.</param>
internal sealed record DataDescription(
    int Examples, long InputTokens, long CountedTokens, string Sha256, IReadOnlyList<LinesLeftOut> LeftOut, IReadOnlyList<LinesLeftOut> Unreadable,
    TruncationReport? Truncation = null);
