namespace MiniMind.MLNet.Dpo;

/// <summary>How the weights of a model that is not trained itself are kept in memory.</summary>
public enum FrozenFormat
{
    /// <summary>As they are: 4 bytes a weight.</summary>
    Float32,

    /// <summary>Rounded to bf16 (8 bits of fraction): 2 bytes a weight.</summary>
    BFloat16,

    /// <summary>Matrices as whole numbers from -127 to 127 with one fp32 factor for each row, its largest weight over 127: a little more than 1 byte a weight.
    /// Norms stay fp32.</summary>
    Int8,
}
