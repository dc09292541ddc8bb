using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>Reads one sequence with a reader of several, and remembers it: what the next one begins with alike is not read again.</summary>
/// <param name="reader">The reader; taken over.</param>
/// <param name="config">The model's shape.</param>
internal sealed class BatchReaderSession(IBatchReader reader, ModelConfig config) : IDisposable
{
    /// <summary>The most tokens of one pass: a long prompt can be cancelled between two.</summary>
    private const int PassTokens = 512;

    private readonly List<int> _cached = [];
    private readonly ISequenceCache _cache = reader.NewCache();
    private readonly float[] _logits = new float[config.VocabularySize];
    private readonly SequenceStep[] _step = new SequenceStep[1];
    private int[] _tokens = new int[1];
    private bool _beyond;

    /// <summary>What it has read last.</summary>
    public ReadOnlySpan<int> Read => CollectionsMarshal.AsSpan(_cached);

    /// <summary>The model's scores of every token that could come behind a sequence.</summary>
    /// <param name="sequence">Ids; at least one. The last one is always read anew.</param>
    /// <param name="cancellation">Ends it between two passes; what was read by then is remembered.</param>
    /// <returns>Logits (V), until the next call.</returns>
    public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
    {
        Forget(sequence.Length);
        int read = Rewind(sequence);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            int taken = Math.Min(PassTokens, sequence.Length - read);
            bool isLast = read + taken == sequence.Length;
            Advance(sequence.Slice(read, taken), sequence.Length, isLast ? _logits : null);
            if (isLast)
                return _logits;
            read += taken;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _cache.Dispose();
        reader.Dispose();
    }

    /// <summary>Forgets all where LongRoPE's factors were those of shorter sequences, or of longer ones.</summary>
    private void Forget(int length)
    {
        bool beyond = config.LongRopeScaling is { } scaling && length > scaling.OriginalMaxPositions;
        if (beyond == _beyond)
            return;
        _beyond = beyond;
        _cache.Truncate(0);
        _cached.Clear();
    }

    /// <summary>Forgets what is remembered beyond the sequence's own beginning, and gives its length; the last token is always read anew.</summary>
    private int Rewind(ReadOnlySpan<int> sequence)
    {
        int shared = Math.Min(Read.CommonPrefixLength(sequence), sequence.Length - 1);
        _cache.Truncate(shared);
        CollectionsMarshal.SetCount(_cached, shared);
        return shared;
    }

    private void Advance(ReadOnlySpan<int> ids, int sequenceEnd, float[]? logits)
    {
        if (_tokens.Length < ids.Length)
            _tokens = new int[ids.Length];
        ids.CopyTo(_tokens);
        _step[0] = new SequenceStep(_cache, _tokens.AsMemory(0, ids.Length), sequenceEnd, logits);
        reader.Read(_step);
        _cached.AddRange(ids);
    }
}
