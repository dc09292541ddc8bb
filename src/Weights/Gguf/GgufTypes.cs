namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>What a <see cref="GgufType"/> is called elsewhere.</summary>
internal static class GgufTypes
{
    private const int AllF32 = 0, MostlyF16 = 1, MostlyQ8 = 7, MostlyBF16 = 32;

    /// <summary>The format of a matrix.</summary>
    public static GgufTensorType ToTensorType(this GgufType type) => type switch
    {
        GgufType.F32 => GgufTensorType.F32,
        GgufType.F16 => GgufTensorType.F16,
        GgufType.BF16 => GgufTensorType.BF16,
        GgufType.Q8_0 => GgufTensorType.Q8Block,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Known are F32, F16, BF16 and Q8_0."),
    };

    /// <summary>The format of a matrix whose rows are of some length: of rows that are no whole blocks half precision.</summary>
    public static GgufTensorType ForRowsOf(this GgufTensorType type, long length) =>
        type == GgufTensorType.Q8Block && length % Q8Block.Length != 0 ? GgufTensorType.F16 : type;

    /// <summary>The number for the file as a whole (<c>general.file_type</c>).</summary>
    public static int ToFileType(this GgufType type) => type switch
    {
        GgufType.F32 => AllF32,
        GgufType.F16 => MostlyF16,
        GgufType.BF16 => MostlyBF16,
        _ => MostlyQ8,
    };
}
