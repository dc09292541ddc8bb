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

    /// <summary>Lays out the rows behind the cache's present ones; call <see cref="KeyValueCache.Advance"/> after the pass.</summary>
    public CachedLayout(KeyValueCache cache, long rows, ScalarType computeType, Device device)
    {
        _cache = cache;
        Positions = ScalarOperations.Arange(cache.Length, cache.Length + rows, device: device); // (T)
        if (rows == 1 || cache.Length == 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        // (T, Length + T)
        _bias = ScalarOperations.Full([rows, cache.Length + rows], float.NegativeInfinity, computeType, device).triu_(cache.Length + 1)
            .MoveToOuterDisposeScope();
    }

    public Tensor Positions { get; }

    public long PositionsEnd => _cache.Length + Positions.shape[0];

    public IReadOnlyList<AttentionSpan>? Spans => null; // most keys lie in the cache

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, double dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor keys, Tensor values) = _cache.Append(layer, key, value);
        bool causal = _bias is null && query.shape[0] > 1;
        return ScaledDotProduct.Attend(query.unsqueeze(0), keys.unsqueeze(0), values.unsqueeze(0), _bias, causal, dropout)
            .squeeze(0).MoveToOuterDisposeScope(); // (T, heads * D)
    }
}
