using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A normalisation of rows within a fused layer.</summary>
internal sealed class FusedNorm : IDisposable
{
    private readonly Parameter _weight;
    private readonly double _epsilon;
    private readonly Tensor _scale;

    /// <summary>Takes a weight.</summary>
    /// <param name="weight">(width), fp32.</param>
    /// <param name="config">Says what is added under the root, and whether one is added to the weight.</param>
    public FusedNorm(Parameter weight, ModelConfig config) => (_weight, _epsilon, _scale) = (weight, config.RmsNormEpsilon, Scale(weight, config));

    /// <summary>What normalised numbers are multiplied by: the weight itself, or one more in a tensor of its own.</summary>
    public static Tensor Scale(Parameter weight, ModelConfig config) => config.UnitOffsetNorms ? weight.Add(1) : weight; // (width)

    /// <summary>Adds, and normalises the sum; see <see cref="RowNormKernel.Forward"/>.</summary>
    public NormalisedRows Forward(Tensor input, Tensor? added, ScalarType type) => RowNormKernel.Forward(input, added, _scale, _epsilon, type);

    /// <summary>The gradient with respect to the input, on top of another; see <see cref="RowNormKernel.Backward"/>.</summary>
    public (Tensor Wide, Tensor? Narrow) Backward(ReadOnlySpan<Tensor> parts, NormalisedRows rows, Tensor? residual, bool narrow) =>
        RowNormKernel.Backward(parts, rows, _scale, _weight.requires_grad ? KernelMatrix.GradientOf(_weight) : null, residual, narrow);

    /// <summary>The same where nothing was added to the input and no other gradient comes to it.</summary>
    /// <param name="gradient">With respect to the output, (N, width).</param>
    /// <param name="rows">What the forward pass gave.</param>
    /// <returns>(N, width) in the type of <paramref name="gradient"/>, in the current scope.</returns>
    public Tensor BackwardAlone(Tensor gradient, NormalisedRows rows)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor wide, Tensor? narrow) = Backward([gradient], rows, null, gradient.dtype != ScalarType.Float32);
        return (narrow ?? wide).MoveToOuterDisposeScope(); // (N, width)
    }

    public void Dispose()
    {
        if (!ReferenceEquals(_scale, _weight))
            _scale.Dispose();
    }
}
