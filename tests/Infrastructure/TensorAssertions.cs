using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Comparisons of tensors that say how far apart they are.</summary>
internal static class TensorAssertions
{
    /// <summary>Asserts equal shapes and no element further away than the tolerance.</summary>
    public static void ShouldBeCloseTo(this Tensor actual, Tensor expected, double tolerance, string because = "")
    {
        actual.shape.Should().Equal(expected.shape, because);
        MaxDifference(actual, expected).Should().BeLessThanOrEqualTo(tolerance, because);
    }

    /// <summary>The largest absolute difference of two tensors of one shape; NaN if any element is.</summary>
    public static double MaxDifference(Tensor left, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        return (left.to(float64) - right.to(float64)).abs().max().item<double>();
    }

    /// <summary>The distance of two tensors relative to the length of the second.</summary>
    public static double RelativeDistance(Tensor left, Tensor right)
    {
        using DisposeScope scope = NewDisposeScope();
        return (left.to(float64) - right.to(float64)).norm().item<double>() / right.to(float64).norm().item<double>();
    }
}
