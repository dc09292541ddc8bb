namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What tokenizer.json says, checked.</summary>
internal sealed record TokenizerDefinition
{
    /// <summary>Ids must be below this: four times what the largest published byte-level vocabularies have.</summary>
    public const int MaxVocabulary = 1 << 20;

    /// <summary>The byte pair encoding.</summary>
    public required MergeModel Model { get; init; }

    /// <summary>Tokens that are found before the model sees the text, in the order of the file.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Whether the text is put into Unicode's form C first.</summary>
    public required bool Composes { get; init; }

    /// <summary>How the text is cut into words.</summary>
    public required WordSplitter Words { get; init; }

    /// <summary>Ids put before and after the text.</summary>
    public required SequenceFrame Frame { get; init; }

    /// <summary>Whether the reported ranges of tokens leave white space at their ends out.</summary>
    public required OffsetTrimming Trimming { get; init; }
}
