namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>What a cache of keys and values has of each token.</summary>
/// <param name="Layers">Layers of the model.</param>
/// <param name="Heads">Key-value heads of a layer.</param>
/// <param name="HeadDim">D, the width of a head.</param>
public readonly record struct CacheShape(int Layers, int Heads, int HeadDim)
{
    /// <summary>D rounded up to whole vectors, which is how far apart values are.</summary>
    internal int ValueStride => (HeadDim + 15) / 16 * 16;

    /// <summary>Numbers of one head's part of a block: keys, then values.</summary>
    internal int HeadNumbers => CacheBlock.Tokens * (HeadDim + ValueStride);

    /// <summary>Bytes of a block.</summary>
    internal nuint BlockBytes => (nuint)Layers * (nuint)Heads * (nuint)HeadNumbers * sizeof(float);
}
