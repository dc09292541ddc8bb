namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>The matrices of a gated feed-forward layer, or of an expert.</summary>
/// <param name="Gate">(intermediate, hidden).</param>
/// <param name="Up">(intermediate, hidden).</param>
/// <param name="Down">(hidden, intermediate).</param>
public sealed record GatedMatrices(PackedMatrix Gate, PackedMatrix Up, PackedMatrix Down) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Gate.Dispose();
        Up.Dispose();
        Down.Dispose();
    }
}
