using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>RMSprop with optional momentum, as torch.optim.RMSprop without centering: the DPO paper's optimizer (arXiv 2305.18290, appendix B).</summary>
internal sealed class RmsProp : FlatOptimizer
{
    private const string MeanSquare = "square_avg";
    private const string MomentumBuffer = "momentum_buffer";

    private readonly RmsPropOptions _options;

    /// <summary>Allocates the state: mean squares, and a momentum if there is one.</summary>
    /// <param name="parameters">What to update; stays the caller's and must outlive the optimizer.</param>
    /// <param name="options">Alpha, epsilon, momentum and decay.</param>
    /// <param name="fused">Whether to run fused vector passes; <see langword="null"/> does on the CPU and nowhere else.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public RmsProp(FlatParameters parameters, RmsPropOptions options, bool? fused = null)
        : base(parameters, fused, StateNames(options)) => _options = options;

    /// <inheritdoc />
    public override string Name => "rmsprop";

    /// <inheritdoc />
    protected override Action<FlatRange> FusedUpdate(double learningRate, double gradientScale)
    {
        RmsPropCoefficients coefficients = new(
            (float)learningRate, (float)gradientScale, (float)_options.WeightDecay,
            (float)_options.Alpha, (float)(1 - _options.Alpha), (float)_options.Epsilon, (float)_options.Momentum);
        return piece => RmsPropKernel.Apply(
            Parameters.ValueVectors(piece), Parameters.GradientVectors(piece), StateVectors(MeanSquare, piece),
            _options.Momentum == 0 ? [] : StateVectors(MomentumBuffer, piece),
            piece.Decays ? coefficients : coefficients with { WeightDecay = 0 });
    }

    /// <inheritdoc />
    protected override void UpdateWhole(double learningRate, double gradientScale)
    {
        Tensor gradients = PenalizedGradients(gradientScale, _options.WeightDecay), meanSquare = State[MeanSquare];
        meanSquare.MulInPlace(_options.Alpha).AddcmulInPlace(gradients, gradients, value: 1 - _options.Alpha);
        Tensor denominator = meanSquare.sqrt().AddInPlace(_options.Epsilon);
        if (_options.Momentum == 0)
            Parameters.Values.AddcdivInPlace(gradients, denominator, value: -learningRate);
        else
            Parameters.Values.AddInPlace(State[MomentumBuffer].MulInPlace(_options.Momentum).AddcdivInPlace(gradients, denominator), alpha: -learningRate);
    }

    private static string[] StateNames(RmsPropOptions options)
    {
        options.Validate();
        return options.Momentum == 0 ? [MeanSquare] : [MeanSquare, MomentumBuffer];
    }
}
