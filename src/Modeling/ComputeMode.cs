using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>How passes compute.</summary>
/// <param name="Type">The element type of matrix products.</param>
/// <param name="Fused">Whether kernels of this library run where they fit; otherwise libtorch's operations one by one.</param>
internal readonly record struct ComputeMode(ScalarType Type, bool Fused = true)
{
    /// <summary>The usual way in an element type.</summary>
    public static implicit operator ComputeMode(ScalarType type) => new(type);
}
