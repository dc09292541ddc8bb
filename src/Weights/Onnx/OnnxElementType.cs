namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>Element types of ONNX that are used here, by their numbers in the format.</summary>
internal enum OnnxElementType
{
    /// <summary>32-bit floating point.</summary>
    Float32 = 1,

    /// <summary>64-bit whole numbers.</summary>
    Int64 = 7,

    /// <summary>Truth values.</summary>
    Bool = 9,

    /// <summary>16-bit floating point.</summary>
    Float16 = 10,

    /// <summary>bfloat16.</summary>
    BFloat16 = 16,
}
