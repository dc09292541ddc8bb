namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Reads sequences of tokens with a model, and remembers the last one: what the next one begins with alike is not read again.</summary>
/// <remarks>Not thread-safe.</remarks>
internal interface ISequenceReader : IDisposable
{
    /// <summary>What it has read last.</summary>
    ReadOnlySpan<int> Read { get; }

    /// <summary>The model's scores of every token that could come behind a sequence.</summary>
    /// <param name="sequence">Ids; at least one. The last one is always read anew.</param>
    /// <param name="cancellation">Ends it between two passes; what was read by then is remembered.</param>
    /// <returns>Logits (V), the caller's own.</returns>
    float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation);
}
