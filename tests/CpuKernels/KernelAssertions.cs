using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

/// <summary>Comparisons of what kernels give with exact results.</summary>
internal static class KernelAssertions
{
    /// <summary>Asserts that a tensor is an exact one rounded to the tensor's type.</summary>
    /// <param name="actual">fp32 or bf16.</param>
    /// <param name="exact">The same shape, fp64.</param>
    /// <param name="error">What the roundings in fp32 may come to, in parts of the largest exact value.</param>
    /// <param name="because">Why.</param>
    public static void ShouldRound(this Tensor actual, Tensor exact, double error, string because = "")
    {
        using DisposeScope scope = NewDisposeScope();
        actual.shape.Should().Equal(exact.shape, because);
        double rounding = actual.dtype == ScalarType.BFloat16 ? 1.0 / 256 : 0; // half of the last of 8 bits
        Tensor beyond = (actual.to(ScalarType.Float64) - exact).abs() - exact.abs() * rounding;
        beyond.max().ToDouble().Should().BeLessThanOrEqualTo(error * exact.abs().max().ToDouble(), because);
    }

    /// <summary>A tensor of standard normal numbers.</summary>
    public static Tensor Normal(this Generator random, ScalarType type, params long[] shape) => randn(shape, generator: random).to(type);

    /// <summary>A tensor in fp64 that autograd follows.</summary>
    public static Tensor Exact(this Tensor tensor) => tensor.detach().to(ScalarType.Float64).clone().requires_grad_();
}
