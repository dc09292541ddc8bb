using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>The normalisation of queries or keys.</summary>
/// <param name="Weight">(D), fp32.</param>
/// <param name="Epsilon">Added under the root.</param>
public sealed record HeadNorm(Tensor Weight, double Epsilon);
