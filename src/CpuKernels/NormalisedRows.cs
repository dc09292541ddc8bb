using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>What normalising rows gives.</summary>
/// <param name="Sum">What was normalised, (N, width), fp32.</param>
/// <param name="Output">(N, width), fp32 or bf16.</param>
/// <param name="Inverse">One over each row's root mean square, (N), fp32.</param>
public readonly record struct NormalisedRows(Tensor Sum, Tensor Output, Tensor Inverse);
