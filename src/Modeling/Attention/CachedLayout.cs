using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>T further rows of one sequence, which also see what its cache holds.</summary>
internal sealed class CachedLayout : IAttentionLayout
{
    private readonly KeyValueCache _cache;
    private readonly Tensor? _bias;
    private readonly ScalarType _computeType;
    private readonly long _sequenceEnd;
    private readonly Dictionary<int, Tensor> _windowBiases = [];

    /// <summary>Lays out the rows behind the cache's present ones; call <see cref="KeyValueCache.Advance"/> after the pass.</summary>
    /// <param name="cache">The sequence's.</param>
    /// <param name="rows">T.</param>
    /// <param name="computeType">The element type of products.</param>
    /// <param name="device">Where.</param>
    /// <param name="sequenceEnd">Tokens of the sequence that is being read, where further passes follow before it is; by default those up to these
    /// rows.</param>
    public CachedLayout(KeyValueCache cache, long rows, ScalarType computeType, Device device, long sequenceEnd = 0)
    {
        (_cache, _computeType, _sequenceEnd) = (cache, computeType, Math.Max(sequenceEnd, cache.Length + rows));
        Positions = ScalarOperations.Arange(cache.Length, cache.Length + rows, device: device); // (T)
        if (rows == 1 || cache.Length == 0)
            return;
        _bias = WindowBias.Of(rows, cache.Length + rows, 0, computeType, device); // (T, Length + T)
    }

    public Tensor Positions { get; }

    public long PositionsEnd => _cache.Length + Positions.shape[0];

    public IReadOnlyList<AttentionSpan>? Spans => null; // most keys lie in the cache

    public Tensor? RowsBeyond(long length) => _sequenceEnd > length ? ones_like(Positions, dtype: ScalarType.Bool) : null; // (T)

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, double dropout, int window = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor keys, Tensor values) = _cache.Append(layer, key, value);
        if (window > 0 && query.shape[0] == 1)
        {
            // one row sees the last ones, so the others are left out instead of masked
            long seen = Math.Min(window, PositionsEnd);
            (keys, values, window) = (keys.narrow(0, PositionsEnd - seen, seen), values.narrow(0, PositionsEnd - seen, seen), 0); // (seen, kv, D)
        }
        Tensor? bias = window > 0 && window < PositionsEnd ? Masked(window) : _bias;
        bool causal = bias is null && query.shape[0] > 1;
        return ScaledDotProduct.Attend(query.unsqueeze(0), keys.unsqueeze(0), values.unsqueeze(0), bias, causal, dropout)
            .squeeze(0).MoveToOuterDisposeScope(); // (T, heads * D)
    }

    /// <summary>The mask of layers with a window, which all of them use.</summary>
    private Tensor Masked(int window)
    {
        if (!_windowBiases.TryGetValue(window, out Tensor? bias))
        {
            // (T, Length + T)
            bias = WindowBias.Of(Positions.shape[0], PositionsEnd, window, _computeType, Positions.device).MoveToOtherDisposeScope(Positions);
            _windowBiases.Add(window, bias);
        }
        return bias;
    }
}
