using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Stochastic gradient descent with optional momentum, as torch.optim.SGD without dampening.</summary>
internal sealed class Sgd : FlatOptimizer
{
    private const string MomentumBuffer = "momentum_buffer";

    private readonly SgdOptions _options;

    /// <summary>Allocates the state: a momentum if there is one.</summary>
    /// <param name="parameters">What to update; stays the caller's and must outlive the optimizer.</param>
    /// <param name="options">Momentum and decay.</param>
    /// <param name="fused">Whether to run fused vector passes; <see langword="null"/> does on the CPU and nowhere else.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public Sgd(FlatParameters parameters, SgdOptions options, bool? fused = null)
        : base(parameters, fused, StateNames(options)) => _options = options;

    /// <inheritdoc />
    public override string Name => "sgd";

    /// <inheritdoc />
    protected override Action<FlatRange> FusedUpdate(double learningRate, double gradientScale)
    {
        float rate = (float)learningRate, scale = (float)gradientScale, decay = (float)_options.WeightDecay, momentum = (float)_options.Momentum;
        if (momentum == 0)
            return piece => SgdKernel.Apply(Parameters.ValueVectors(piece), Parameters.GradientVectors(piece), rate, scale, piece.Decays ? decay : 0);
        return piece => SgdKernel.ApplyWithMomentum(
            Parameters.ValueVectors(piece), Parameters.GradientVectors(piece), StateVectors(MomentumBuffer, piece),
            rate, scale, piece.Decays ? decay : 0, momentum);
    }

    /// <inheritdoc />
    protected override void UpdateWhole(double learningRate, double gradientScale)
    {
        Tensor direction = PenalizedGradients(gradientScale, _options.WeightDecay);
        if (_options.Momentum != 0)
            direction = State[MomentumBuffer].MulInPlace(_options.Momentum).AddInPlace(direction);
        Parameters.Values.AddInPlace(direction, alpha: -learningRate);
    }

    private static string[] StateNames(SgdOptions options)
    {
        options.Validate();
        return options.Momentum == 0 ? [] : [MomentumBuffer];
    }
}
