namespace MiniMind.MLNet.Dpo;

/// <summary>The number format of saved weights.</summary>
public enum WeightPrecision
{
    /// <summary>32 bits: exactly what was trained.</summary>
    Float32,

    /// <summary>bfloat16: the range of <see cref="Float32"/> with 8 bits of precision.</summary>
    BFloat16,

    /// <summary>16 bits: 11 bits of precision up to 65,504, as MiniMind saves its checkpoints.</summary>
    Float16,
}
