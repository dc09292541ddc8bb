using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Kernels;

/// <summary>The normalisation of queries or keys.</summary>
/// <param name="Weight">(D), fp32.</param>
/// <param name="Epsilon">Added under the root.</param>
internal sealed record HeadNorm(Tensor Weight, double Epsilon);
