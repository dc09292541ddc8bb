using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Names of element types in safetensors headers.</summary>
internal static class SafetensorsTypes
{
    private static readonly Dictionary<string, ScalarType> s_types = new()
    {
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["F64"] = ScalarType.Float64,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    /// <summary>All names, for messages.</summary>
    public static string All => string.Join(", ", s_types.Keys);

    /// <summary>The type of a name, or <see langword="null"/> for one that is not supported (quantised and unsigned types).</summary>
    public static ScalarType? Parse(string name) => s_types.TryGetValue(name, out ScalarType type) ? type : null;

    /// <summary>The name of a type.</summary>
    public static string NameOf(ScalarType type) => s_types.First(pair => pair.Value == type).Key;
}
