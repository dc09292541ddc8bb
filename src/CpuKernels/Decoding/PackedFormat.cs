namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>How a packed matrix keeps its elements; sums are fp32 in each.</summary>
public enum PackedFormat
{
    /// <summary>As they are: 4 bytes an element.</summary>
    Float32,

    /// <summary>Rounded to bf16: 2 bytes.</summary>
    BFloat16,

    /// <summary>Whole numbers from -127 to 127 with one factor for each output: 1 byte.</summary>
    Int8,
}
