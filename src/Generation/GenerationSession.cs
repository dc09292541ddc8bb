using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Generates one sequence at a time, token by token, with a cache that it keeps: a prompt that continues the last one is read from where they
/// part.</summary>
/// <remarks>Not thread-safe. The network stays the caller's.</remarks>
internal sealed class GenerationSession : IDisposable
{
    private readonly ModelConfig _config;
    private readonly NetworkReader _reader;
    private readonly ISequenceCache _cache;
    private readonly List<int> _cached = [];

    /// <summary>Begins with nothing read.</summary>
    public GenerationSession(MiniMindNetwork network)
    {
        (_config, _reader) = (network.Config, new NetworkReader(network));
        _cache = _reader.NewCache();
    }

    /// <summary>What it has read last.</summary>
    public ReadOnlySpan<int> Read => CollectionsMarshal.AsSpan(_cached);

    /// <summary>The answer's tokens, the stop token included where one ends it.</summary>
    /// <param name="prompt">Ids of the prompt; at least one.</param>
    /// <param name="options">How to pick tokens.</param>
    /// <param name="stopIds">Ids that end the answer.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    /// <exception cref="ArgumentException">The prompt is empty, has an id outside the vocabulary, or leaves no room in the model's context.</exception>
    /// <exception cref="NotFiniteNumberException">The model's logits are not finite; thrown when the token is asked for.</exception>
    public IEnumerable<int> Generate(
        IReadOnlyList<int> prompt, GenerationOptions options, IReadOnlySet<int> stopIds, CancellationToken cancellation = default) =>
        Tokens(new AnswerTokens(prompt, options, _config.VocabularySize, _config.MaxPositions), stopIds, cancellation);

    /// <summary>The model's scores of every token that could come behind a sequence.</summary>
    /// <param name="sequence">Ids; at least one. The last one is always read anew.</param>
    /// <param name="cancellation">Ends it between two passes; what was read by then is remembered.</param>
    /// <returns>Logits (V), the caller's own.</returns>
    public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
    {
        int shared = Math.Min(Read.CommonPrefixLength(sequence), sequence.Length - 1);
        _cache.Truncate(shared);
        _cached.RemoveRange(shared, _cached.Count - shared);
        float[] logits = new float[_config.VocabularySize];
        while (_cached.Count < sequence.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(NetworkReader.PassTokens, sequence.Length - _cached.Count);
            int[] tokens = sequence.Slice(_cached.Count, count).ToArray();
            bool isLast = _cached.Count + count == sequence.Length;
            _reader.Read([new SequenceStep(_cache, tokens, sequence.Length, isLast ? logits : null)]);
            _cached.AddRange(tokens);
        }
        return logits;
    }

    public void Dispose()
    {
        _cache.Dispose();
        _reader.Dispose();
    }

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
