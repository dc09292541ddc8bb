namespace MiniMind.MLNet.Dpo;

/// <summary>How a chat client reads its model's weights. It is the client's: no file keeps it, and requests cannot change it.</summary>
/// <remarks>
/// On a CPU with vectors of 512 bits, clients decode by kernels of their own, which read a copy of the matrices in another order. It is made when the first
/// answer is generated, shared by all clients of the same model with the same <see cref="Weights"/>, and freed with the last of them.
/// It takes 4, 2 or 1 bytes a weight beside the model's own memory. Elsewhere, libtorch's operations read the model itself.
/// </remarks>
public sealed record DecodingOptions
{
    /// <summary>
    /// In what the copy keeps the matrices: <see cref="FrozenFormat.BFloat16"/> halves what is read for each token, <see cref="FrozenFormat.Int8"/> quarters
    /// it, and both round; sums, norms and the cache of keys and values are fp32 in any case.
    /// <see langword="null"/>, the default, is what the model itself is kept in, and fp32 for matrices that an adapter adds to: nothing is rounded.
    /// </summary>
    public FrozenFormat? Weights { get; init; }

    /// <summary>Whether kernels decode where they can; otherwise libtorch's operations do.</summary>
    internal bool UsesKernels { get; init; } = true;

    /// <exception cref="ArgumentException">A value is none of its type's.</exception>
    internal void Validate()
    {
        if (Weights is { } weights && !Enum.IsDefined(weights))
            throw new ArgumentException($"{nameof(Weights)} is {weights}; it must be {string.Join(", ", Enum.GetNames<FrozenFormat>())}, or null.");
    }
}
