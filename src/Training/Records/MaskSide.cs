namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A conversation as the model sees it.</summary>
/// <param name="Side">Which one: chosen, rejected, good, bad, or conversation.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Trained">How many of them the loss counts.</param>
/// <param name="Pieces">The tokens in runs.</param>
internal sealed record MaskSide(string Side, int Tokens, int Trained, IReadOnlyList<MaskPiece> Pieces);
