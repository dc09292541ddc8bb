using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>The memory of one decoder layer, in bytes.</summary>
internal static class LayerMemory
{
    private const int Fp32 = sizeof(float);

    /// <summary>What the layer's forward pass leaves for its backward pass.</summary>
    /// <param name="config">The model.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="compute">Bytes of an element in matrix products.</param>
    /// <param name="window">How many tokens a token sees in the layer; 0 for all.</param>
    public static long Of(ModelConfig config, BatchRows batch, long compute, int window = 0)
    {
        long rows = batch.InputIds.LongLength, hidden = config.HiddenSize;
        long norms = (config.SandwichNorms ? 4 : 2) * rows * hidden * (2 * Fp32 + compute); // input, normalised and scaled, of two norms or four
        return norms + AttentionMemory.Of(config, batch, compute, window) + FeedForward(config, rows, compute);
    }

    /// <summary>The gradients that live at once while the layer's backward pass runs.</summary>
    public static long Gradients(ModelConfig config, long rows, long compute)
    {
        long width = config.Experts is { } experts ? (experts.PerToken + experts.SharedCount) * experts.IntermediateSize : config.IntermediateSize;
        return rows * (3 * width * compute + 3L * config.HiddenSize * Fp32);
    }

    /// <summary>The number of weights in the layer's matrix products.</summary>
    public static long ProjectionWeights(ModelConfig config)
    {
        long hidden = config.HiddenSize, queries = (long)config.HeadCount * config.HeadDim, keys = (long)config.KeyValueHeadCount * config.HeadDim;
        long feedForward = config.Experts is { } experts ? hidden * (experts.Count + 3L * (experts.Count + experts.SharedCount) * experts.IntermediateSize)
            : 3 * hidden * config.IntermediateSize;
        return 2 * hidden * (queries + keys) + feedForward;
    }

    private static long FeedForward(ModelConfig config, long rows, long compute)
    {
        if (config.Experts is not { } experts)
            return 4 * rows * config.IntermediateSize * compute; // gate, its SiLU, up, product
        long taken = rows * (experts.PerToken + experts.SharedCount);
        return taken * (4L * experts.IntermediateSize + 2L * config.HiddenSize) * compute // and the experts' inputs and outputs
            + rows * experts.Count * 2 * Fp32; // router
    }
}
