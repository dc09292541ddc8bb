using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Generates token by token with one key-value cache, which it keeps: a prompt that continues the last one is read from where they part.</summary>
/// <remarks>Not thread-safe: one generation at a time. The network stays the caller's.</remarks>
internal sealed class GenerationSession(MiniMindNetwork network) : ISequenceReader
{
    private const int RoomStep = 256;

    /// <summary>The most tokens of one pass: a long prompt can be cancelled between two, and its attention scores stay small.</summary>
    private const int PassTokens = 512;

    private readonly List<int> _cached = [];
    private KeyValueCache? _cache;
    private bool _beyond;

    /// <inheritdoc />
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
        Tokens(new AnswerTokens(prompt, options, network.Config.VocabularySize, network.Config.MaxPositions), stopIds, cancellation);

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

    /// <inheritdoc />
    public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
    {
        Forget(sequence.Length);
        int read = Rewind(sequence);
        for (; sequence.Length - read > PassTokens; read += PassTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            Advance(sequence.Slice(read, PassTokens).ToArray(), sequence.Length, wantsLogits: false);
        }
        cancellation.ThrowIfCancellationRequested();
        return Advance(sequence[read..].ToArray(), sequence.Length, wantsLogits: true);
    }

    /// <summary>
    /// Forgets all that the cache holds where it was rotated for sequences within the original context of LongRoPE and this one is longer, or the other way
    /// round.
    /// </summary>
    private void Forget(int length)
    {
        bool beyond = network.Config.LongRopeScaling is { } scaling && length > scaling.OriginalMaxPositions;
        if (beyond == _beyond)
            return;
        _beyond = beyond;
        _cache?.Truncate(0);
        _cached.Clear();
    }

    /// <summary>Forgets what the cache holds beyond the sequence's own beginning, and gives its length; the last token is always read anew.</summary>
    private int Rewind(ReadOnlySpan<int> sequence)
    {
        int shared = Math.Min(Read.CommonPrefixLength(sequence), sequence.Length - 1);
        _cache?.Truncate(shared);
        _cached.RemoveRange(shared, _cached.Count - shared);
        return shared;
    }

    private float[] Advance(int[] ids, int sequenceEnd, bool wantsLogits)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        KeyValueCache cache = Room(_cached.Count + ids.Length);
        Tensor input = tensor([.. ids.Select(id => (long)id)], device: network.Device); // (T)
        Tensor hidden = network.Forward(input, new CachedLayout(cache, ids.Length, ScalarType.Float32, network.Device, sequenceEnd)).Hidden; // (T, hidden)
        cache.Advance(ids.Length);
        _cached.AddRange(ids);
        if (!wantsLogits)
            return [];
        return network.Logits(hidden.narrow(0, ids.Length - 1, 1)).cpu().data<float>().ToArray(); // (V)
    }

    private KeyValueCache Room(int tokens)
    {
        if (_cache is not null && _cache.Capacity >= tokens)
            return _cache;
        long capacity = Math.Min(network.Config.MaxPositions, Math.Max((tokens + RoomStep - 1) / RoomStep * RoomStep, 2 * (_cache?.Capacity ?? 0)));
        KeyValueCache larger = new(network.Config, capacity, ScalarType.Float32, network.Device);
        if (_cache is not null)
        {
            larger.CopyFrom(_cache);
            _cache.Dispose();
        }
        return _cache = larger;
    }

    public void Dispose() => _cache?.Dispose();
}
