namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>The number that a GGUF file has for the format of a tensor.</summary>
internal enum GgufTensorType
{
    /// <summary>Single precision.</summary>
    F32 = 0,

    /// <summary>Half precision.</summary>
    F16 = 1,

    /// <summary>See <see cref="Q8Block"/>.</summary>
    Q8Block = 8,

    /// <summary>bfloat16.</summary>
    BF16 = 30,
}
