using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>One decoder layer on the CPU without autograd: its forward pass, what that leaves, and its backward pass.</summary>
/// <remarks>
/// A part that no kernel computes is left to libtorch, the others are not; so is attention within a window.
/// It computes what <see cref="DecoderBlock"/> computes, in fewer passes over memory. Between products, which are in the compute type, all is fp32.
/// Tensors live in the scope in which it is made; the backward pass frees them.
/// </remarks>
internal sealed class FusedLayer : ILayerPass
{
    private readonly LayerWeights _weights;
    private readonly ForwardContext _context;
    private readonly ModelConfig _config;
    private readonly LinearPass _query, _key, _value, _output;
    private readonly IFeedForwardPass _feedForward;
    private readonly (Tensor Cosines, Tensor SignedSines)? _tables;
    private readonly MaskedAttention? _masked;
    private readonly FusedNorm _inputNorm, _feedForwardNorm;
    private readonly FusedNorm? _attentionOutputNorm, _feedForwardOutputNorm;
    private readonly HeadNorm? _queryNorm, _keyNorm;
    private readonly NormalisedRows _input, _attended;
    private readonly NormalisedRows? _attentionOutput, _feedForwardOutput;
    private readonly Tensor _rawQuery, _rawKey, _turnedQuery, _turnedKey, _wideValue, _mixed;
    private readonly Tensor? _logSums;

    /// <summary>Runs the layer forward.</summary>
    /// <param name="weights">Its parameters.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="context">A context with <see cref="ForwardContext.Spans"/>.</param>
    /// <param name="residual">(N, hidden), fp32, cut off from any graph.</param>
    /// <param name="layer">The layer's index.</param>
    public FusedLayer(LayerWeights weights, ModelConfig config, ForwardContext context, Tensor residual, int layer)
    {
        (_weights, _config, _context) = (weights, config, context);
        ScalarType type = context.ComputeType;
        AttentionPattern pattern = AttentionPattern.Of(config, layer);
        int window = pattern.WindowWithin(context.Layout.PositionsEnd);
        _tables = context.TablesFor(pattern);
        if (window > 0)
            _masked = new MaskedAttention(context.Layout, config, layer, window, type);
        LinearPass Of(Projection linear) => new(linear.Matrix, linear.Pair, type, context, linear.Bias);
        (_query, _key, _value, _output) = (Of(weights.Query), Of(weights.Key), Of(weights.Value), Of(weights.Output));
        (_inputNorm, _feedForwardNorm) = (new FusedNorm(weights.InputNorm, config), new FusedNorm(weights.FeedForwardNorm, config));
        _attentionOutputNorm = weights.AttentionOutputNorm is { } behindAttention ? new FusedNorm(behindAttention, config) : null;
        _feedForwardOutputNorm = weights.FeedForwardOutputNorm is { } behindFeedForward ? new FusedNorm(behindFeedForward, config) : null;
        _queryNorm = weights.QueryNorm is { } query ? new HeadNorm(FusedNorm.Scale(query, config), config.RmsNormEpsilon) : null;
        _keyNorm = weights.KeyNorm is { } key ? new HeadNorm(FusedNorm.Scale(key, config), config.RmsNormEpsilon) : null;

        Output = empty_like(residual); // (N, hidden), before all that may be gone by the time it is used
        _input = _inputNorm.Forward(residual, null, type);
        (_rawQuery, _rawKey) = (_query.Of(_input.Output), _key.Of(_input.Output)); // (N, heads * D), (N, kv * D)
        using (DisposeScope scope = NewDisposeScope())
            _wideValue = Wide(_value.Of(_input.Output)).MoveToOuterDisposeScope(); // (N, kv * D)
        _turnedQuery = RotaryKernel.Forward(_rawQuery, _queryNorm, _tables, config.HeadDim); // (N, heads * D)
        _turnedKey = RotaryKernel.Forward(_rawKey, _keyNorm, _tables, config.HeadDim); // (N, kv * D)
        if (_masked is not null)
            _mixed = _masked.Forward(_turnedQuery, _turnedKey, _wideValue); // (N, heads * D)
        else
            (_mixed, _logSums) = PackedAttention.Forward(_turnedQuery, _turnedKey, _wideValue, context.Spans!, config.HeadDim, ScoreScale); // ..., (heads, N)
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor mixed = _output.Of(_mixed.to(type)); // (N, hidden)
            if (_attentionOutputNorm is not null)
                _attentionOutput = _attentionOutputNorm.Forward(Wide(mixed), null, type).MoveToOuterDisposeScope();
            _attended = _feedForwardNorm.Forward(residual, _attentionOutput?.Output ?? mixed, type).MoveToOuterDisposeScope();
        }
        _feedForward = weights.FeedForward.Fuse(_attended.Output, context);
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor lowered = _feedForward.Output; // (N, hidden)
            if (_feedForwardOutputNorm is not null)
                _feedForwardOutput = _feedForwardOutputNorm.Forward(Wide(lowered), null, type).MoveToOuterDisposeScope();
            RowSumKernel.Into(Output, _attended.Sum, _feedForwardOutput?.Output ?? lowered);
            if (_feedForwardOutput is null)
                lowered.Dispose(); // else it may be what the norm goes back through
        }
    }

    /// <inheritdoc />
    public Tensor Output { get; }

    /// <inheritdoc />
    public Tensor? AuxiliaryLoss => _feedForward.AuxiliaryLoss;

    /// <summary>Whether a pass can take fused layers: without dropout, on a CPU with vectors of 512 bits, over rows whose sequences are spans.</summary>
    public static bool Fits(ModelConfig config, DeviceType device, ScalarType type, bool training) =>
        HostProduct.Fits(device, type) && !(training && config.Dropout > 0);

    /// <inheritdoc />
    public Tensor Backward(Tensor gradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor wide, Tensor narrow) = BackwardFeedForward(gradient, auxiliaryWeight);
        Tensor result = BackwardAttention(wide, narrow).MoveToOuterDisposeScope(); // (N, hidden)
        Free();
        return result;
    }

    /// <summary>From the gradient of the output to that of the sum before the feed-forward layer, in fp32 and in the compute type.</summary>
    private (Tensor Wide, Tensor Narrow) BackwardFeedForward(Tensor gradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor outer = gradient.to(_context.ComputeType); // (N, hidden)
        if (_feedForwardOutput is { } normalised)
            outer = _feedForwardOutputNorm!.BackwardAlone(outer, normalised); // (N, hidden)
        Tensor[] parts = _feedForward.Backward(outer, _attended.Output, auxiliaryWeight); // (N, hidden) each
        (Tensor wide, Tensor? narrow) = _feedForwardNorm.Backward(parts, _attended, gradient, IsNarrow);
        return (wide.MoveToOuterDisposeScope(), narrow?.MoveToOuterDisposeScope() ?? wide);
    }

    /// <summary>From the gradient of the sum behind attention to that of the layer's input, (N, hidden), fp32.</summary>
    private Tensor BackwardAttention(Tensor wide, Tensor narrow)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_attentionOutput is { } normalised)
            narrow = _attentionOutputNorm!.BackwardAlone(narrow, normalised); // (N, hidden)
        _output.AddGradient(narrow, _mixed.to(_context.ComputeType));
        Tensor mixed = Wide(_output.Back(narrow)); // (N, heads * D)
        (Tensor turnedQuery, Tensor turnedKey, Tensor value) = _masked?.Backward(_turnedQuery, _turnedKey, _wideValue, mixed) ?? PackedAttention.Backward(
            _turnedQuery, _turnedKey, _wideValue, _mixed, _logSums!, mixed, _context.Spans!, _config.HeadDim, ScoreScale); // (N, heads * D), or (N, kv * D)
        Tensor query = RotaryKernel.Backward(turnedQuery, _rawQuery, _queryNorm, Gradient(_weights.QueryNorm), _tables, _config.HeadDim); // (N, heads * D)
        Tensor key = RotaryKernel.Backward(turnedKey, _rawKey, _keyNorm, Gradient(_weights.KeyNorm), _tables, _config.HeadDim); // (N, kv * D)
        long rows = value.shape[0], groups = value.shape[1] / (_config.KeyValueHeadCount * _config.HeadDim);
        Tensor values = value.view(rows, _config.KeyValueHeadCount, groups, _config.HeadDim).sum(2).view(rows, -1).to(_context.ComputeType); // (N, kv * D)
        _query.AddGradient(query, _input.Output);
        _key.AddGradient(key, _input.Output);
        _value.AddGradient(values, _input.Output);
        // (N, hidden)
        return _inputNorm.Backward([_query.Back(query), _key.Back(key), _value.Back(values)], _input, wide, narrow: false).Wide.MoveToOuterDisposeScope();
    }

    private float? ScoreScale => _config.QueryPreAttentionScalar is null ? null : (float)_config.ScoreScale;

    private bool IsNarrow => _context.ComputeType != ScalarType.Float32;

    private static Tensor Wide(Tensor tensor) => tensor.dtype == ScalarType.Float32 ? tensor : tensor.to(ScalarType.Float32);

    private static Tensor? Gradient(TorchSharp.Modules.Parameter? parameter) =>
        parameter is { requires_grad: true } ? KernelMatrix.GradientOf(parameter) : null;

    private void Free()
    {
        foreach (LinearPass matrix in new[] { _query, _key, _value, _output })
            matrix.Dispose();
        _feedForward.Dispose();
        foreach (NormalisedRows? rows in new NormalisedRows?[] { _input, _attended, _attentionOutput, _feedForwardOutput })
            rows?.Dispose();
        foreach (FusedNorm? norm in new[] { _inputNorm, _feedForwardNorm, _attentionOutputNorm, _feedForwardOutputNorm })
            norm?.Dispose();
        if (_config.UnitOffsetNorms)
        {
            foreach (HeadNorm? norm in new[] { _queryNorm, _keyNorm })
                norm?.Weight.Dispose();
        }

        foreach (Tensor? tensor in new[] { _rawQuery, _rawKey, _turnedQuery, _turnedKey, _wideValue, _mixed, _logSums, Output })
            tensor?.Dispose();
    }
}
