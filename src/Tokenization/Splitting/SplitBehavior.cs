namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>What a split does with the text that its pattern matches (the names are tokenizer.json's).</summary>
internal enum SplitBehavior
{
    /// <summary>Every match is a piece of its own.</summary>
    Isolated,

    /// <summary>Matches are left out.</summary>
    Removed,

    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Matches that follow each other are one piece.</summary>
    Contiguous,
}
