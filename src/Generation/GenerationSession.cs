using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Generates one sequence at a time, with a cache that it keeps: a prompt that continues the last one is read from where they part.</summary>
/// <remarks>Not thread-safe. The network stays the caller's, and may be trained between two generations that have nothing in common, unless a reader of packed
/// weights reads it.</remarks>
/// <param name="network">The network.</param>
/// <param name="reader">Reads it, taken over; libtorch's operations do by default.</param>
internal sealed class GenerationSession(MiniMindNetwork network, IBatchReader? reader = null) : IDisposable
{
    private readonly BatchReaderSession _session = new(reader ?? new NetworkReader(network), network.Config);

    /// <summary>What it has read last.</summary>
    public ReadOnlySpan<int> Read => _session.Read;

    /// <summary>The answer's tokens, the stop token included where one ends it.</summary>
    /// <param name="prompt">Ids of the prompt; at least one.</param>
    /// <param name="options">How to pick tokens.</param>
    /// <param name="stopIds">Ids that end the answer.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    /// <exception cref="ArgumentException">The prompt is empty, has an id outside the vocabulary, or leaves no room in the model's context.</exception>
    /// <exception cref="NotFiniteNumberException">The model's logits are not finite; thrown when the token is asked for.</exception>
    public IEnumerable<int> Generate(
        IReadOnlyList<int> prompt, GenerationOptions options, IReadOnlySet<int> stopIds, CancellationToken cancellation = default) =>
        Tokens(new AnswerTokens(prompt, options, network.Config.VocabularySize, network.Config.MaxPositions), stopIds, cancellation);

    /// <summary>The model's scores of every token that could come behind a sequence.</summary>
    /// <param name="sequence">Ids; at least one. The last one is always read anew.</param>
    /// <param name="cancellation">Ends it between two passes; what was read by then is remembered.</param>
    /// <returns>Logits (V), until the next call.</returns>
    public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation) => _session.Next(sequence, cancellation);

    public void Dispose() => _session.Dispose();

    private IEnumerable<int> Tokens(AnswerTokens answer, IReadOnlySet<int> stopIds, CancellationToken cancellation)
    {
        while (!answer.IsFull)
        {
            int next = answer.Add(Next(answer.Sequence, cancellation));
            yield return next;
            if (stopIds.Contains(next))
                yield break;
        }
    }
}
