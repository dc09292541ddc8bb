using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>The memory of one fused decoder layer, in bytes.</summary>
internal static class FusedLayerMemory
{
    private const int Fp32 = sizeof(float);

    /// <summary>What the layer's forward pass leaves for its backward pass.</summary>
    /// <param name="config">The model.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="compute">Bytes of an element in matrix products.</param>
    public static long Of(ModelConfig config, long rows, long compute)
    {
        (long hidden, long queries, long keys) = Widths(config);
        long norms = (config.SandwichNorms ? 4 : 2) * (hidden * (Fp32 + compute) + Fp32); // input, normalised, and a factor of each row
        // as they come from the products; rotated, values, mixture and sums of exponentials
        long heads = (queries + keys) * compute + (2 * queries + 2 * keys + config.HeadCount) * Fp32;
        return rows * (norms + heads + 2L * config.IntermediateSize * compute);
    }

    /// <summary>What lives at once, besides, while the layer's backward pass runs.</summary>
    public static long Gradients(ModelConfig config, long rows, long compute)
    {
        (long hidden, long queries, long keys) = Widths(config);
        long feedForward = (config.IntermediateSize + 3 * hidden) * compute + 2 * hidden * Fp32;
        long attention = (4 * queries + 3 * hidden) * Fp32 + (2 * queries + 2 * keys + 3 * hidden) * compute;
        return rows * Math.Max(feedForward, attention);
    }

    private static (long Hidden, long Queries, long Keys) Widths(ModelConfig config) =>
        (config.HiddenSize, (long)config.HeadCount * config.HeadDim, (long)config.KeyValueHeadCount * config.HeadDim);
}
