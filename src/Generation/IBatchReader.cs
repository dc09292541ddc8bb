namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Reads further tokens of several sequences with a model, all in one pass.</summary>
/// <remarks>
/// A sequence's logits do not depend on which others share the pass, nor on how many: they are the same bits as alone.
/// Not thread-safe. Its caches are disposed before it.
/// </remarks>
internal interface IBatchReader : IDisposable
{
    /// <summary>An empty cache for one sequence, which the caller disposes.</summary>
    ISequenceCache NewCache();

    /// <summary>Reads the tokens of every step, and leaves them in the caches.</summary>
    /// <param name="steps">One for each sequence.</param>
    void Read(ReadOnlySpan<SequenceStep> steps);
}
