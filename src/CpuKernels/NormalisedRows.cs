using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>What normalising rows gives.</summary>
/// <param name="Sum">What was normalised, (N, width), fp32.</param>
/// <param name="Output">(N, width), fp32 or bf16.</param>
/// <param name="Inverse">One over each row's root mean square, (N), fp32.</param>
public readonly record struct NormalisedRows(Tensor Sum, Tensor Output, Tensor Inverse)
{
    /// <summary>The same, in the outer scope.</summary>
    public NormalisedRows MoveToOuterDisposeScope() => new(Sum.MoveToOuterDisposeScope(), Output.MoveToOuterDisposeScope(), Inverse.MoveToOuterDisposeScope());

    /// <summary>Frees them.</summary>
    public void Dispose()
    {
        Sum.Dispose();
        Output.Dispose();
        Inverse.Dispose();
    }
}
