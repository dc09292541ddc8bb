using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>One dense decoder layer on the CPU without autograd: its forward pass, what that leaves, and its backward pass.</summary>
/// <remarks>
/// It computes what <see cref="DecoderBlock"/> computes, in fewer passes over memory. Between products, which are in the compute type, all is fp32.
/// Tensors live in the scope in which it is made; the backward pass frees them.
/// </remarks>
internal sealed class FusedLayer : ILayerPass
{
    private readonly LayerWeights _weights;
    private readonly ForwardContext _context;
    private readonly ModelConfig _config;
    private readonly KernelMatrix _query, _key, _value, _output, _gate, _up, _down;
    private readonly HeadNorm? _queryNorm, _keyNorm;
    private readonly NormalisedRows _input, _attended;
    private readonly Tensor _rawQuery, _rawKey, _turnedQuery, _turnedKey, _wideValue, _mixed, _logSums, _gated, _raised;

    /// <summary>Runs the layer forward.</summary>
    /// <param name="weights">Its parameters.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="context">A context with <see cref="ForwardContext.Spans"/>.</param>
    /// <param name="residual">(N, hidden), fp32, cut off from any graph.</param>
    public FusedLayer(LayerWeights weights, ModelConfig config, ForwardContext context, Tensor residual)
    {
        (_weights, _config, _context) = (weights, config, context);
        ScalarType type = context.ComputeType;
        (_query, _key, _value, _output) = (new(weights.Query, type), new(weights.Key, type), new(weights.Value, type), new(weights.Output, type));
        (_gate, _up, _down) = (new(weights.Gate, type), new(weights.Up, type), new(weights.Down, type));
        _queryNorm = weights.QueryNorm is { } query ? new HeadNorm(query, config.RmsNormEpsilon) : null;
        _keyNorm = weights.KeyNorm is { } key ? new HeadNorm(key, config.RmsNormEpsilon) : null;

        _input = RowNormKernel.Forward(residual, null, weights.InputNorm, config.RmsNormEpsilon, type);
        (_rawQuery, _rawKey) = (_query.Of(_input.Output), _key.Of(_input.Output)); // (N, heads * D), (N, kv * D)
        using (DisposeScope scope = NewDisposeScope())
            _wideValue = Wide(_value.Of(_input.Output)).MoveToOuterDisposeScope(); // (N, kv * D)
        _turnedQuery = RotaryKernel.Forward(_rawQuery, _queryNorm, context.Cosines, context.SignedSines); // (N, heads * D)
        _turnedKey = RotaryKernel.Forward(_rawKey, _keyNorm, context.Cosines, context.SignedSines); // (N, kv * D)
        (_mixed, _logSums) = PackedAttention.Forward(_turnedQuery, _turnedKey, _wideValue, context.Spans!, config.HeadDim); // (N, heads * D), (heads, N)
        using (DisposeScope scope = NewDisposeScope())
        {
            NormalisedRows attended = RowNormKernel.Forward(residual, _output.Of(_mixed.to(type)), weights.PostAttentionNorm, config.RmsNormEpsilon, type);
            _attended = new NormalisedRows(attended.Sum.MoveToOuterDisposeScope(), attended.Output.MoveToOuterDisposeScope(),
                attended.Inverse.MoveToOuterDisposeScope());
        }
        (_gated, _raised) = (_gate.Of(_attended.Output), _up.Of(_attended.Output)); // (N, intermediate)
        using (DisposeScope scope = NewDisposeScope())
            Output = _attended.Sum.Add(_down.Of(GatedKernel.Forward(_gated, _raised))).MoveToOuterDisposeScope(); // (N, hidden)
    }

    /// <inheritdoc />
    public Tensor Output { get; }

    /// <inheritdoc />
    public Tensor? AuxiliaryLoss => null;

    /// <summary>Whether a pass can take fused layers: dense, without dropout, on a CPU with vectors of 512 bits, over rows whose sequences are spans.</summary>
    public static bool Fits(ModelConfig config, DeviceType device, ScalarType type, bool training) =>
        HostProduct.Fits(device, type) && config.Experts is null && !(training && config.Dropout > 0);

    /// <inheritdoc />
    public Tensor Backward(Tensor gradient, double auxiliaryWeight)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor wide, Tensor narrow) = BackwardFeedForward(gradient);
        Tensor result = BackwardAttention(wide, narrow).MoveToOuterDisposeScope(); // (N, hidden)
        Free();
        return result;
    }

    /// <summary>From the gradient of the output to that of the sum before the feed-forward layer, in fp32 and in the compute type.</summary>
    private (Tensor Wide, Tensor Narrow) BackwardFeedForward(Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor outer = gradient.to(_context.ComputeType), product = _down.Back(outer); // (N, hidden), (N, intermediate)
        GatedKernel.BackwardInPlace(_gated, _raised, product);
        _down.AddGradient(outer, product);
        _gate.AddGradient(_gated, _attended.Output);
        _up.AddGradient(_raised, _attended.Output);
        (Tensor wide, Tensor? narrow) = RowNormKernel.Backward(
            [_gate.Back(_gated), _up.Back(_raised)], _attended, _weights.PostAttentionNorm, KernelMatrix.GradientOf(_weights.PostAttentionNorm),
                gradient, IsNarrow);
        return (wide.MoveToOuterDisposeScope(), narrow?.MoveToOuterDisposeScope() ?? wide);
    }

    /// <summary>From the gradient of the sum behind attention to that of the layer's input, (N, hidden), fp32.</summary>
    private Tensor BackwardAttention(Tensor wide, Tensor narrow)
    {
        using DisposeScope scope = NewDisposeScope();
        _output.AddGradient(narrow, _mixed.to(_context.ComputeType));
        (Tensor turnedQuery, Tensor turnedKey, Tensor value) = PackedAttention.Backward(
            _turnedQuery, _turnedKey, _wideValue, _mixed, _logSums, Wide(_output.Back(narrow)), _context.Spans!, _config.HeadDim); // (N, heads * D)
        // (N, heads * D)
        Tensor query = RotaryKernel.Backward(turnedQuery, _rawQuery, _queryNorm, Gradient(_weights.QueryNorm), _context.Cosines, _context.SignedSines);
        Tensor key = RotaryKernel.Backward(turnedKey, _rawKey, _keyNorm, Gradient(_weights.KeyNorm), _context.Cosines, _context.SignedSines); // (N, kv * D)
        long rows = value.shape[0], groups = _config.HeadCount / _config.KeyValueHeadCount;
        Tensor values = value.view(rows, _config.KeyValueHeadCount, groups, _config.HeadDim).sum(2).view(rows, -1).to(_context.ComputeType); // (N, kv * D)
        _query.AddGradient(query, _input.Output);
        _key.AddGradient(key, _input.Output);
        _value.AddGradient(values, _input.Output);
        return RowNormKernel.Backward(
            [_query.Back(query), _key.Back(key), _value.Back(values)], _input, _weights.InputNorm, KernelMatrix.GradientOf(_weights.InputNorm), wide,
                narrow: false)
            .Wide.MoveToOuterDisposeScope(); // (N, hidden)
    }

    private bool IsNarrow => _context.ComputeType != ScalarType.Float32;

    private static Tensor Wide(Tensor tensor) => tensor.dtype == ScalarType.Float32 ? tensor : tensor.to(ScalarType.Float32);

    private static Tensor? Gradient(TorchSharp.Modules.Parameter? parameter) => parameter is null ? null : KernelMatrix.GradientOf(parameter);

    private void Free()
    {
        foreach (KernelMatrix matrix in new[] { _query, _key, _value, _output, _gate, _up, _down })
            matrix.Dispose();
        foreach (Tensor tensor in new[]
        {
            _input.Sum, _input.Output, _input.Inverse, _attended.Sum, _attended.Output, _attended.Inverse, _rawQuery, _rawKey, _turnedQuery, _turnedKey,
                _wideValue, _mixed, _logSums, _gated, _raised, Output,
        })
        {
            tensor.Dispose();
        }
    }
}
