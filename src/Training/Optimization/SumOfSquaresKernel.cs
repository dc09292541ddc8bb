using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Sums squares of fp32 values in double.</summary>
/// <remarks>
/// A square of an fp32 value is exact in double and the order of additions is fixed, so the sum is the same on every processor, and it is finite exactly if all
/// values are.
/// </remarks>
internal static class SumOfSquaresKernel
{
    /// <summary>The sum of all squares.</summary>
    public static double Sum(ReadOnlySpan<Vector512<float>> values)
    {
        Vector512<double> low = Vector512<double>.Zero, high = Vector512<double>.Zero;
        foreach (Vector512<float> vector in values)
        {
            (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(vector);
            low += lower * lower;
            high += upper * upper;
        }
        return Vector512.Sum(low + high);
    }
}
