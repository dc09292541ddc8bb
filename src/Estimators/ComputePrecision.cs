namespace MiniMind.MLNet.Dpo;

/// <summary>The element type of matrix products; weights, optimizer state, log-softmax and losses are always fp32.</summary>
public enum ComputePrecision
{
    /// <summary>fp32 on a CPU, bf16 on CUDA.</summary>
    DeviceDefault,

    /// <summary>The faster of fp32 and bf16, by a measurement at the start.</summary>
    Auto,

    /// <summary>32 bits.</summary>
    Fp32,

    /// <summary>bfloat16: fp32's range with 8 bits of precision; fast on processors with AVX512_BF16 or AMX and on GPUs.</summary>
    Bf16,

    /// <summary>float16 with a gradient scaler; CUDA only.</summary>
    Fp16,
}
