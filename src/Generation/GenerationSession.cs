using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Generates token by token with one key-value cache, which it keeps: a prompt that continues the last one is read from where they part.</summary>
/// <remarks>Not thread-safe: one generation at a time. The network stays the caller's.</remarks>
internal sealed class GenerationSession(MiniMindNetwork network) : IDisposable
{
    private const int RoomStep = 256;
    private readonly List<int> _cached = [];
    private KeyValueCache? _cache;

    /// <summary>The answer's tokens, the stop token included where one ends it.</summary>
    /// <param name="prompt">Ids of the prompt; at least one.</param>
    /// <param name="options">How to pick tokens.</param>
    /// <param name="stopIds">Ids that end the answer.</param>
    /// <param name="cancellation">Ends it between two tokens.</param>
    /// <exception cref="ArgumentException">The prompt is empty, has an id outside the vocabulary, or leaves no room in the model's context.</exception>
    public IEnumerable<int> Generate(IReadOnlyList<int> prompt, GenerationOptions options, IReadOnlySet<int> stopIds, CancellationToken cancellation = default)
    {
        options.Validate();
        ModelConfig config = network.Config;
        if (prompt.Count == 0) throw new ArgumentException("The prompt has no token.", nameof(prompt));
        foreach (int id in prompt)
        {
            if (id < 0 || id >= config.VocabularySize)
                throw new ArgumentException($"The prompt has token id {id}, but the model's vocabulary has {config.VocabularySize} entries.", nameof(prompt));
        }
        if (prompt.Count >= config.MaxPositions)
            throw new ArgumentException($"The prompt has {prompt.Count} tokens, which leaves no room for an answer in the model's context of {config.MaxPositions}.", nameof(prompt));
        return Tokens(prompt, options, stopIds, cancellation);
    }

    private IEnumerable<int> Tokens(IReadOnlyList<int> prompt, GenerationOptions options, IReadOnlySet<int> stopIds, CancellationToken cancellation)
    {
        TokenSampler sampler = new(options);
        HashSet<int> seen = [.. prompt];
        int[] pending = Rewind(prompt);
        int most = Math.Min(options.MaxNewTokens, network.Config.MaxPositions - prompt.Count);
        for (int made = 0; made < most; made++)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] logits = Advance(pending);
            int next = sampler.Next(logits, seen);
            seen.Add(next);
            yield return next;
            if (stopIds.Contains(next)) yield break;
            pending = [next];
        }
    }

    /// <summary>Forgets what the cache holds beyond the prompt's own beginning, and gives the rest of the prompt; the last token is always read anew.</summary>
    private int[] Rewind(IReadOnlyList<int> prompt)
    {
        int shared = 0;
        while (shared < Math.Min(_cached.Count, prompt.Count - 1) && _cached[shared] == prompt[shared]) shared++;
        _cache?.Truncate(shared);
        _cached.RemoveRange(shared, _cached.Count - shared);
        return [.. prompt.Skip(shared)];
    }

    private float[] Advance(int[] ids)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        KeyValueCache cache = Room(_cached.Count + ids.Length);
        Tensor input = tensor([.. ids.Select(id => (long)id)], device: network.Device); // (T)
        Tensor hidden = network.Forward(input, new CachedLayout(cache, ids.Length, ScalarType.Float32, network.Device)).Hidden; // (T, hidden)
        cache.Advance(ids.Length);
        _cached.AddRange(ids);
        return network.Logits(hidden.narrow(0, ids.Length - 1, 1)).cpu().data<float>().ToArray(); // (V)
    }

    private KeyValueCache Room(int tokens)
    {
        if (_cache is not null && _cache.Capacity >= tokens) return _cache;
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
