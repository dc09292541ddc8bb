using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>B sequences of T rows each, padded to the same length: MiniMind's own way.</summary>
internal sealed class RectangularLayout : IAttentionLayout
{
    private readonly long _batch;
    private readonly long _length;
    private readonly Tensor? _bias;
    private readonly Dictionary<(int Window, ScalarType Type), Tensor> _windowBiases = [];
    private VariableLengthPlan? _plan;

    /// <summary>Lays out B x T rows, sequence after sequence.</summary>
    /// <param name="batch">Sequences.</param>
    /// <param name="length">Rows in each.</param>
    /// <param name="device">Where the forward pass runs.</param>
    /// <param name="keyMask">(B, T), 1 on rows that may be attended to, or <see langword="null"/> for all: padding on the right needs none, since no earlier
    /// row sees it.</param>
    public RectangularLayout(long batch, long length, Device device, Tensor? keyMask = null)
    {
        (_batch, _length) = (batch, length);
        Positions = ScalarOperations.Arange(length, device: device).repeat(batch); // (B * T)
        if (keyMask is null)
            return;
        using DisposeScope scope = NewDisposeScope();
        Tensor causal = ScalarOperations.Full([length, length], float.NegativeInfinity, ScalarType.Float32, device).triu(1); // (T, T)
        Tensor hidden = keyMask.to(ScalarType.Float32).neg().Add(1).Mul(-1e9).view(batch, 1, 1, length); // (B, 1, 1, T)
        _bias = causal.Add(hidden).MoveToOuterDisposeScope(); // (B, 1, T, T)
    }

    public Tensor Positions { get; }

    public long PositionsEnd => _length;

    public IReadOnlyList<AttentionSpan>? Spans => _bias is null
        ? [.. Enumerable.Range(0, checked((int)_batch)).Select(sequence => new AttentionSpan(sequence * _length, checked((int)_length), 0, 0))]
        : null;

    // (B * T); padding counts, as in transformers
    public Tensor? RowsBeyond(long length) => _length > length ? ones_like(Positions, dtype: ScalarType.Bool) : null;

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, double dropout, int window = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_bias is null && FlashAttention.Serves(query, dropout))
            return FlashAttention.Attend(Plan, query, key, value, window).MoveToOuterDisposeScope(); // (B * T, heads * D)
        Tensor? bias = window > 0 && window < _length ? Masked(window, query.dtype) : _bias;
        Tensor output = ScaledDotProduct.Attend(Split(query), Split(key), Split(value), bias, bias is null, dropout); // (B, T, heads * D)
        return output.view(_batch * _length, -1).MoveToOuterDisposeScope(); // (B * T, heads * D)
    }

    /// <summary>The sequences for an attention over all of them at once, which takes keys and values as they are, not repeated for each head.</summary>
    internal VariableLengthPlan Plan => _plan ??= VariableLengthPlan.Beside(
        [.. Enumerable.Repeat(_length, checked((int)_batch))], [.. Enumerable.Repeat((0L, 0L), checked((int)_batch))], Positions);

    /// <summary>The mask of layers with a window, which all of them use.</summary>
    private Tensor Masked(int window, ScalarType type)
    {
        if (!_windowBiases.TryGetValue((window, type), out Tensor? bias))
        {
            using DisposeScope scope = NewDisposeScope();
            bias = WindowBias.Of(_length, _length, window, type, Positions.device); // (T, T)
            if (_bias is not null)
                bias = bias.Add(_bias); // (B, 1, T, T)
            bias = bias.to(type).MoveToOtherDisposeScope(Positions);
            _windowBiases.Add((window, type), bias);
        }
        return bias;
    }

    private Tensor Split(Tensor rows) => rows.view(_batch, _length, rows.shape[1], rows.shape[2]); // (B, T, heads, D)
}
