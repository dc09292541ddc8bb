namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A run of tokens that are all trained on, or none of them.</summary>
/// <param name="Text">What they spell, control tokens included.</param>
/// <param name="Trained">Whether the loss counts them.</param>
internal sealed record MaskPiece(string Text, bool Trained);
