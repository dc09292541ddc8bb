namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A language model as the chat client sees it.</summary>
/// <remarks>Disposing it lets go of its weights; its reader is disposed before.</remarks>
internal interface IReadableModel : IDisposable
{
    /// <summary>Entries of the vocabulary.</summary>
    int VocabularySize { get; }

    /// <summary>The most tokens of a sequence.</summary>
    int MaxPositions { get; }

    /// <summary>
    /// The most tokens of a sequence whose keys are turned in one way, where longer ones' are in another: what a cache holds is no use for a sequence on the
    /// other side. <see langword="null"/> for a model without LongRoPE.
    /// </summary>
    int? OriginalPositions { get; }

    /// <summary>Bytes of a token's keys and values.</summary>
    long BytesPerToken { get; }

    /// <summary>A reader of sequences, which the caller disposes.</summary>
    IBatchReader NewReader();
}
