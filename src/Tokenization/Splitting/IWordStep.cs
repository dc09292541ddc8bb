namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>One step of the pre-tokenizer, applied to each piece of the step before. Thread-safe.</summary>
internal interface IWordStep
{
    /// <summary>The piece as the step changes it before it splits it.</summary>
    TextPiece Prepare(TextPiece piece) => piece;

    /// <summary>The pieces of a text, as ranges of it, in order; none is empty.</summary>
    /// <param name="text">The text, prepared.</param>
    /// <param name="budget">The time that is left for it.</param>
    List<Range> Split(ReadOnlySpan<char> text, EncodingBudget budget);
}
