namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>One step of the normalizer. Thread-safe.</summary>
internal interface INormalizerStep
{
    /// <summary>The piece as it is after the step.</summary>
    /// <param name="piece">A piece of text with at least one character.</param>
    /// <param name="budget">The time that is left for the text.</param>
    TextPiece Apply(TextPiece piece, EncodingBudget budget);
}
