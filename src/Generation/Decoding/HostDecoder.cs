using MiniMind.MLNet.Dpo.CpuKernels.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>Reads tokens of several sequences by kernels on the CPU: the packed weights are read once for all of them.</summary>
/// <remarks>
/// A row's numbers are the same bits whatever else is read in the pass, and however a prompt is divided into passes. Not thread-safe; threads are those of
/// libtorch's setting on the thread that calls.
/// </remarks>
internal sealed class HostDecoder : IBatchReader
{
    private const int FewRows = 8, MostRows = 128; // of a pass: beyond, weights are read often enough for products to be as fast as they get

    private readonly PackedNetwork _network;
    private readonly CacheBlocks _blocks;
    private readonly RotaryRows _rotation;
    private readonly RotaryRows? _localRotation, _extendedRotation;
    private readonly List<(HostCache Cache, int Rows)> _written = [];
    private readonly List<(int Row, float[] Logits)> _wanted = [];
    private DecodingPass _pass;
    private FloatRows _logits;

    /// <summary>Makes a reader.</summary>
    /// <param name="network">The weights; they stay the caller's.</param>
    public HostDecoder(PackedNetwork network)
    {
        _network = network;
        ModelConfig config = network.Config;
        _blocks = new CacheBlocks(new CacheShape(config.LayerCount, config.KeyValueHeadCount, config.HeadDim));
        _rotation = new RotaryRows(config);
        _localRotation = config.LocalRopeTheta is null ? null : new RotaryRows(config, local: true);
        _extendedRotation = config.LongRopeScaling is null ? null : new RotaryRows(config, extended: true);
        _pass = new DecodingPass(new DecodingRows(FewRows, network.Widths));
        _logits = new FloatRows(1, config.VocabularySize);
    }

    /// <summary>How many rows it has read.</summary>
    public long RowsRead { get; private set; }

    /// <inheritdoc />
    public ISequenceCache NewCache() => new HostCache(this, new SequenceBlocks(_blocks));

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A step has no token, a token that is none of the vocabulary, a cache of another reader or that another step has
    /// too, or an end that is before its tokens; or its cache was rotated for sequences on the other side of LongRoPE's original context.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A sequence is longer than the model's context.</exception>
    public void Read(ReadOnlySpan<SequenceStep> steps)
    {
        _written.Clear(); // of a pass that failed before it ran
        _wanted.Clear();
        int total = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            Check(steps[i], steps[..i]);
            total += steps[i].Tokens.Length;
        }
        Room(Math.Min(total, MostRows));
        DecodingRows rows = _pass.Rows;
        rows.Threads = get_num_threads();
        int count = 0;
        foreach (SequenceStep step in steps)
        {
            HostCache cache = (HostCache)step.Cache;
            for (int read = 0; read < step.Tokens.Length;)
            {
                int taken = Math.Min(step.Tokens.Length - read, rows.Capacity - count);
                Add(cache, step, read, taken, count);
                (read, count) = (read + taken, count + taken);
                if (count < rows.Capacity)
                    continue;
                Run(count);
                count = 0;
            }
        }
        if (count > 0)
            Run(count);
        GC.KeepAlive(this); // kernels have addresses alone
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _blocks.Dispose();
        _pass.Rows.Dispose();
        _logits.Dispose();
    }

    private void Add(HostCache cache, SequenceStep step, int read, int taken, int count)
    {
        DecodingRows rows = _pass.Rows;
        ReadOnlySpan<int> tokens = step.Tokens.Span.Slice(read, taken);
        int length = cache.Blocks.Length;
        cache.IsBeyond = IsBeyond(step);
        cache.Blocks.Reserve(taken);
        for (int i = 0; i < taken; i++)
        {
            int row = count + i, position = length + i;
            _network.Embed(tokens[i], rows.Residual.Row(row));
            (rows.Sequences[row], rows.Positions[row]) = (cache.Blocks, position);
            (cache.IsBeyond ? _extendedRotation! : _rotation).Write(position, rows.Cosines.Row(row), rows.Sines.Row(row));
            _localRotation?.Write(position, rows.LocalCosines.Row(row), rows.LocalSines.Row(row));
        }
        _written.Add((cache, taken));
        if (step.Logits is { } logits && read + taken == step.Tokens.Length)
            _wanted.Add((count + taken - 1, logits));
    }

    private void Run(int count)
    {
        try
        {
            _pass.Rows.Begin(count);
            for (int layer = 0; layer < _network.Layers.Count; layer++)
                _pass.Run(_network.Shapes[layer], _network.Layers[layer], layer);
            if (_wanted.Count > 0)
                Score();
            foreach ((HostCache cache, int rows) in _written)
                cache.Blocks.Advance(rows);
            RowsRead += count;
        }
        finally
        {
            _written.Clear();
            _wanted.Clear();
        }
    }

    private void Score()
    {
        Span<int> places = stackalloc int[_wanted.Count];
        for (int i = 0; i < places.Length; i++)
            places[i] = _wanted[i].Row;
        if (_logits.Count < places.Length)
        {
            _logits.Dispose();
            _logits = new FloatRows(places.Length, _network.Config.VocabularySize);
        }
        _pass.Finish(places, _network.Norm, (float)_network.Config.RmsNormEpsilon, _network.Head, _logits);
        for (int i = 0; i < places.Length; i++)
            _logits.Row(i).CopyTo(_wanted[i].Logits);
    }

    private void Room(int rows)
    {
        if (rows <= _pass.Rows.Capacity)
            return;
        _pass.Rows.Dispose();
        _pass = new DecodingPass(new DecodingRows(MostRows, _network.Widths));
    }

    private bool IsBeyond(SequenceStep step) =>
        _network.Config.LongRopeScaling is { } scaling && step.SequenceEnd > scaling.OriginalMaxPositions;

    private void Check(SequenceStep step, ReadOnlySpan<SequenceStep> earlier)
    {
        if (step.Cache is not HostCache cache || cache.Reader != this)
            throw new ArgumentException("A step's cache was made by another reader.");
        foreach (SequenceStep other in earlier)
        {
            if (other.Cache == step.Cache)
                throw new ArgumentException("Two steps of a pass have the same cache.");
        }
        ModelConfig config = _network.Config;
        int end = cache.Length + step.Tokens.Length;
        if (step.Tokens.Length == 0 || step.SequenceEnd < end)
            throw new ArgumentException($"A step has {step.Tokens.Length} tokens behind {cache.Length} of a sequence that ends at {step.SequenceEnd}.");
        if (end > config.MaxPositions)
        {
            throw new ArgumentOutOfRangeException(nameof(step), end,
                $"The sequence has {end} tokens, but the model's longest context (max_position_embeddings) is {config.MaxPositions}.");
        }
        foreach (int id in step.Tokens.Span)
        {
            if ((uint)id >= (uint)config.VocabularySize)
                throw new ArgumentException($"A step has token id {id}, but the model's vocabulary has {config.VocabularySize} entries.");
        }
        if (step.Logits is { } logits && logits.Length != config.VocabularySize)
            throw new ArgumentException($"A step's logits are {logits.Length}; the model's vocabulary has {config.VocabularySize} entries.");
        if (cache.Length > 0 && cache.IsBeyond != IsBeyond(step))
        {
            throw new ArgumentException(
                $"The cache was rotated for sequences on the other side of LongRoPE's original context than one of {step.SequenceEnd} tokens; "
                + "truncate it to 0, and read all tokens again.");
        }
    }
}
