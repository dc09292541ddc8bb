namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Keys and values of 64 tokens that follow each other, of all layers, fp32; several sequences that begin alike share one.</summary>
/// <remarks>
/// For each layer and head the keys are (D, 64), so that sixteen tokens' scores are one vector, and the values (64, D), D rounded up to 16.
/// </remarks>
/// <param name="memory">Its memory, <see cref="CacheShape.BlockBytes"/>.</param>
internal sealed unsafe class CacheBlock(NativeBuffer memory)
{
    /// <summary>Tokens of a block.</summary>
    public const int Tokens = 64;

    /// <summary>How many sequences have it.</summary>
    public int Owners { get; set; } = 1;

    /// <summary>Its memory.</summary>
    public NativeBuffer Memory => memory;

    /// <summary>The keys of a layer's head; the values are behind them.</summary>
    public float* Keys(in CacheShape shape, int layer, int head) => (float*)memory.Memory + ((nint)layer * shape.Heads + head) * shape.HeadNumbers;
}
