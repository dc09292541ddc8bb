using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Adam with decoupled weight decay, as torch.optim.AdamW: MiniMind's optimizer.</summary>
/// <remarks>
/// A parameter that took no part in a backward pass has gradient zero here and still decays and moves by its momentum; torch skips it where its gradient is
/// none.
/// </remarks>
internal sealed class AdamW : FlatOptimizer
{
    private const string Mean = "exp_avg";
    private const string MeanSquare = "exp_avg_sq";

    private readonly AdamWOptions _options;

    /// <summary>Allocates the state: means and mean squares of the gradients.</summary>
    /// <param name="parameters">What to update; stays the caller's and must outlive the optimizer.</param>
    /// <param name="options">Betas, epsilon and decay.</param>
    /// <param name="fused">Whether to run fused vector passes; <see langword="null"/> does on the CPU and nowhere else.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public AdamW(FlatParameters parameters, AdamWOptions options, bool? fused = null)
        : base(parameters, fused, StateNames(options)) => _options = options;

    /// <inheritdoc />
    public override string Name => "adamw";

    /// <inheritdoc />
    protected override Action<FlatRange> FusedUpdate(double learningRate, double gradientScale)
    {
        AdamWCoefficients coefficients = AdamWCoefficients.At(StepCount, learningRate, _options);
        return piece => AdamWKernel.Apply(
            Parameters.ValueVectors(piece), Parameters.GradientVectors(piece), StateVectors(Mean, piece), StateVectors(MeanSquare, piece),
            coefficients, (float)gradientScale, piece.Decays);
    }

    /// <inheritdoc />
    protected override void UpdateWhole(double learningRate, double gradientScale)
    {
        Tensor mean = State[Mean], meanSquare = State[MeanSquare], gradients = Parameters.Gradients;
        if (Parameters.Device.type == DeviceType.CUDA && LibtorchCall.IsAvailable && gradientScale != 0)
        {
            foreach (FlatRange range in Parameters.Ranges)
            {
                Tensor Part(Tensor whole) => whole.narrow(0, range.Start, range.Length); // (range)
                DeviceAdamW.Apply(
                    Part(Parameters.Values), Part(gradients), Part(mean), Part(meanSquare), StepCount, learningRate,
                    range.Decays ? _options.WeightDecay : 0, _options, gradientScale);
            }
            return;
        }
        AdamWCoefficients coefficients = AdamWCoefficients.At(StepCount, learningRate, _options);
        mean.MulInPlace(coefficients.Beta1).AddInPlace(gradients, alpha: coefficients.GradientShare * gradientScale);
        meanSquare.MulInPlace(coefficients.Beta2).AddcmulInPlace(gradients, gradients, value: coefficients.SquareShare * gradientScale * gradientScale);
        foreach (FlatRange range in Parameters.Ranges.Where(range => range.Decays))
            Parameters.Values.narrow(0, range.Start, range.Length).MulInPlace(coefficients.Keep);
        Parameters.Values.AddcdivInPlace(mean, meanSquare.sqrt().AddInPlace(coefficients.Epsilon), value: -coefficients.StepSize);
    }

    private static string[] StateNames(AdamWOptions options)
    {
        options.Validate();
        return [Mean, MeanSquare];
    }
}
