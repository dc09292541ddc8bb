using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Facts about the element types that weights files hold.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(ScalarType type) => type switch
    {
        ScalarType.Bool or ScalarType.Byte or ScalarType.Int8 => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Weights files hold booleans, integers and real numbers."),
    };

    /// <summary>Whether elements are floating-point numbers.</summary>
    public static bool IsFloatingPoint(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>Whether values of one type may be read as another: the same type, or both floating-point.</summary>
    public static bool CanConvert(ScalarType from, ScalarType to) => from == to || (IsFloatingPoint(from) && IsFloatingPoint(to));
}
