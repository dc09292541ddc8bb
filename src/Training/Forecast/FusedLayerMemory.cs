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
        return rows * (norms + heads) + FeedForward(config, rows, compute);
    }

    /// <summary>What lives at once, besides, while the layer's backward pass runs.</summary>
    public static long Gradients(ModelConfig config, long rows, long compute)
    {
        (long hidden, long queries, long keys) = Widths(config);
        long feedForward = FeedForwardGradients(config, compute) + 2 * hidden * Fp32;
        long attention = (4 * queries + 3 * hidden) * Fp32 + (2 * queries + 2 * keys + 3 * hidden) * compute;
        return rows * Math.Max(feedForward, attention);
    }

    /// <summary>Gates and what is raised; of experts, of those that a row goes to, with the router's small tensors.</summary>
    private static long FeedForward(ModelConfig config, long rows, long compute)
    {
        if (config.Experts is not { } experts)
            return rows * 2 * config.IntermediateSize * compute;
        long passed = (experts.PerToken + experts.SharedCount) * 2L * experts.IntermediateSize;
        long outputs = experts is { PerToken: 1, NormalizeTopK: true } ? 0 : experts.PerToken * (long)config.HiddenSize;
        long router = 3L * experts.Count * Fp32 + experts.PerToken * (2 * Fp32 + sizeof(long));
        return rows * ((passed + outputs) * compute + router);
    }

    /// <summary>
    /// Of a row: the product's gradient and three as wide as the layer's input; of experts, four for each that the row goes to, and their sum.
    /// </summary>
    private static long FeedForwardGradients(ModelConfig config, long compute) => config.Experts is { } experts
        ? (experts.IntermediateSize + (4L * experts.PerToken + 2L * experts.SharedCount + 2) * config.HiddenSize) * compute
        : (config.IntermediateSize + 3L * config.HiddenSize) * compute;

    private static (long Hidden, long Queries, long Keys) Widths(ModelConfig config) =>
        (config.HiddenSize, (long)config.HeadCount * config.HeadDim, (long)config.KeyValueHeadCount * config.HeadDim);
}
