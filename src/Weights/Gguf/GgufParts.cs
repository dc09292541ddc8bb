using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights.Families;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>The parts in which families differ, as the runtimes' architectures know them: what is fixed there, and what a file tells.</summary>
internal static class GgufParts
{
    private const int GemmaPattern = 6, SmolLm3Interval = 4, LayersOfGemma27B = 62;

    /// <summary>What each architecture has besides what all have.</summary>
    private static readonly Dictionary<string, string[]> s_known = new()
    {
        [GgufArchitecture.Llama] = [nameof(ModelConfig.Llama3Scaling), nameof(ModelConfig.SlidingWindow)],
        [GgufArchitecture.Qwen2] = [nameof(ModelConfig.QkvBias)],
        [GgufArchitecture.SmolLm3] = [nameof(ModelConfig.UnrotatedLayers)],
        [GgufArchitecture.Phi3] = [nameof(ModelConfig.RotaryDim), nameof(ModelConfig.LongRopeScaling), nameof(ModelConfig.SlidingWindow)],
        [GgufArchitecture.Gemma3] =
        [
            nameof(ModelConfig.LinearRopeFactor), nameof(ModelConfig.SlidingWindow), nameof(ModelConfig.GlobalLayers), nameof(ModelConfig.LocalRopeTheta),
            nameof(ModelConfig.Activation),
            nameof(ModelConfig.UnitOffsetNorms), nameof(ModelConfig.SandwichNorms), nameof(ModelConfig.ScaledEmbeddings),
            nameof(ModelConfig.QueryPreAttentionScalar),
        ],
    };

    /// <summary>Says which parts an architecture has not, or computes otherwise.</summary>
    public static IEnumerable<string> Obstacles(ModelConfig config, string architecture)
    {
        string[] strange = [.. ConfigParts.Of(config).Except(s_known.GetValueOrDefault(architecture, []))];
        if (strange.Length > 0)
            yield return $"the runtimes' architecture {architecture} has no {string.Join(", ", strange)}";
        if (config.Experts is { SharedCount: > 0 })
            yield return "no architecture of the runtimes has MiniMind 2's shared experts (n_shared_experts)";
        if (architecture is GgufArchitecture.Llama or GgufArchitecture.Phi3 && config.SlidingWindow < config.MaxPositions)
        {
            yield return $"the runtimes compute no window for {architecture}, and"
                + $" sliding_window {config.SlidingWindow} is less than max_position_embeddings {config.MaxPositions}";
        }
        if (architecture == GgufArchitecture.SmolLm3 && !Every(SmolLm3Interval, config.LayerCount).SequenceEqual((config.UnrotatedLayers ?? []).Order()))
            yield return $"the runtimes leave every {SmolLm3Interval}th layer of smollm3 without rotation, and no_rope_layers says others";
        if (architecture != GgufArchitecture.Gemma3)
            yield break;
        foreach (string obstacle in GemmaObstacles(config))
            yield return obstacle;
    }

    /// <summary>Adds what a file tells of them.</summary>
    public static void AddKeys(GgufMetadata metadata, ModelConfig config, string architecture)
    {
        if (architecture is GgufArchitecture.Gemma3)
            metadata.Add($"{architecture}.attention.sliding_window", config.SlidingWindow!.Value);
        if (config.LocalRopeTheta is { } local)
            metadata.Add($"{architecture}.rope.freq_base_swa", local);
        if (config.LinearRopeFactor != 0)
        {
            metadata.Add($"{architecture}.rope.scaling.type", "linear");
            metadata.Add($"{architecture}.rope.scaling.factor", config.LinearRopeFactor);
        }
        if (architecture == GgufArchitecture.Phi3)
            metadata.Add($"{architecture}.rope.scaling.original_context_length", config.LongRopeScaling?.OriginalMaxPositions ?? config.MaxPositions);
        if (config.LongRopeScaling is not { } longRope)
            return;
        metadata.Add($"{architecture}.rope.scaling.type", "longrope");
        metadata.Add($"{architecture}.rope.scaling.attn_factor", longRope.AttentionFactor);
    }

    /// <summary>Divisors of the rotary frequencies that stand in tensors of their own.</summary>
    public static IEnumerable<(string Name, float[] Factors)> FrequencyFactors(ModelConfig config)
    {
        if (config.Llama3Scaling is { } llama)
        {
            IEnumerable<double> frequencies = Enumerable.Range(0, config.RotatedWidth / 2).Select(i =>
                Math.Pow(config.RopeTheta, -2.0 * i / config.RotatedWidth));
            yield return ("rope_freqs.weight", [.. frequencies.Select(frequency => (float)(1 / llama.ShareOf(frequency)))]);
        }
        if (config.LongRopeScaling is not { } longRope)
            yield break;
        yield return ("rope_factors_long.weight", [.. longRope.LongFactors.Select(factor => (float)factor)]);
        yield return ("rope_factors_short.weight", [.. longRope.ShortFactors.Select(factor => (float)factor)]);
    }

    private static IEnumerable<string> GemmaObstacles(ModelConfig config)
    {
        if (config is not
            {
                UnitOffsetNorms: true, SandwichNorms: true, ScaledEmbeddings: true, Activation: Activation.GeluTanh, SlidingWindow: not null,
                QkNorm: true
            })
        {
            yield return "the runtimes' gemma3 has scaled embeddings, four norms a layer of one plus their weights, GeGLU,"
                + " a window, and normalised queries and keys";
        }

        if (!Every(GemmaPattern, config.LayerCount).SequenceEqual((config.GlobalLayers ?? []).Order()))
            yield return $"the runtimes let every {GemmaPattern}th layer of gemma3 see all, and layer_types says others";
        double scalar = config.QueryPreAttentionScalar ?? config.HeadDim;
        double wanted = config.LayerCount == LayersOfGemma27B ? (double)config.HiddenSize / config.HeadCount : config.HeadDim;
        if (scalar != wanted)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"query_pre_attn_scalar is {scalar}, and the runtimes take {wanted} for {config.LayerCount} layers");
        }
    }

    private static IEnumerable<int> Every(int interval, int layers) => Enumerable.Range(0, layers).Where(layer => (layer + 1) % interval == 0);
}
