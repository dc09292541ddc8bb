namespace MiniMind.MLNet.Dpo;

/// <summary>The number format of the matrices in a GGUF file; norms and routers are single precision in every one.</summary>
public enum GgufType
{
    /// <summary>32 bits: exactly what was trained.</summary>
    F32,

    /// <summary>16 bits: 11 bits of precision up to 65,504.</summary>
    F16,

    /// <summary>bfloat16: the range of <see cref="F32"/> with 8 bits of precision.</summary>
    BF16,

    /// <summary>Blocks of 32 whole numbers from -127 to 127 with a half-precision scale each, 8.5 bits a number.</summary>
    /// <remarks>A matrix whose rows are no multiple of 32 long is written as <see cref="F16"/>, as other tools do.</remarks>
    Q8_0,
}
