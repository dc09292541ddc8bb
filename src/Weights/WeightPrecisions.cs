using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>What a <see cref="WeightPrecision"/> is called elsewhere.</summary>
internal static class WeightPrecisions
{
    /// <summary>The element type.</summary>
    public static ScalarType ToScalarType(this WeightPrecision precision) => precision switch
    {
        WeightPrecision.Float32 => ScalarType.Float32,
        WeightPrecision.BFloat16 => ScalarType.BFloat16,
        WeightPrecision.Float16 => ScalarType.Float16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Known are Float32, BFloat16 and Float16."),
    };

    /// <summary>The name that <c>config.json</c> has for it.</summary>
    public static string ToConfigName(this WeightPrecision precision) => precision.ToScalarType().ToString().ToLowerInvariant();
}
