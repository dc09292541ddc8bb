using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Whether MiniMind's YaRN, which is the one implemented here, and that of transformers give the same frequencies.</summary>
/// <remarks>
/// Both blend by a ramp between two dimensions. MiniMind ends the ramp at the last frequency (<c>dim / 2 - 1</c>), transformers at <c>dim - 1</c>;
/// and MiniMind scales only where the context exceeds the original one.
/// </remarks>
internal static class YarnAgreement
{
    /// <summary>Compares.</summary>
    /// <param name="config">The model.</param>
    /// <param name="yarn">Its scaling.</param>
    /// <param name="fault">What would have to hold.</param>
    public static bool Holds(ModelConfig config, YarnScaling yarn, out string fault)
    {
        double rampEnd = Math.Ceiling(config.HeadDim * Math.Log(yarn.OriginalMaxPositions / (yarn.BetaSlow * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta)));
        bool longer = config.MaxPositions > yarn.OriginalMaxPositions;
        fault = !longer
            ? $"for a context longer than the original one: max_position_embeddings is {config.MaxPositions}, original_max_position_embeddings " +
                $"{yarn.OriginalMaxPositions}"
            : $"such that the blend of frequencies ends by dimension {(config.HeadDim / 2) - 1} (here {rampEnd}): beyond it MiniMind's YaRN and that of " +
                "transformers differ";
        return longer && rampEnd <= (config.HeadDim / 2) - 1;
    }
}
