namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>The matrices of a layer of experts.</summary>
/// <param name="Router">(experts, hidden).</param>
/// <param name="Routed">The experts of which the router picks some for each row.</param>
/// <param name="Shared">Those that every row passes.</param>
/// <param name="PerRow">How many the router picks.</param>
/// <param name="Normalised">Whether the picked experts' shares are scaled to sum to one.</param>
public sealed record ExpertMatrices(
    PackedMatrix Router, IReadOnlyList<GatedMatrices> Routed, IReadOnlyList<GatedMatrices> Shared, int PerRow, bool Normalised) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Router.Dispose();
        foreach (GatedMatrices expert in Routed.Concat(Shared))
            expert.Dispose();
    }
}
