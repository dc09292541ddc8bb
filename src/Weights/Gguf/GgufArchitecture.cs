using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>Which of the runtimes' architectures a model is, and what they are told of its shape.</summary>
internal static class GgufArchitecture
{
    /// <summary>The architecture of a model without normalised queries and keys.</summary>
    public const string Llama = "llama";

    /// <summary>That of a model with biases of queries, keys and values.</summary>
    public const string Qwen2 = "qwen2";

    /// <summary>That of a model with layers that do not rotate.</summary>
    public const string SmolLm3 = "smollm3";

    /// <summary>That of a model with norms on both sides of a layer's parts.</summary>
    public const string Gemma3 = "gemma3";

    /// <summary>That of a model with a partial rotation or LongRoPE, and of all Phi-3 models.</summary>
    public const string Phi3 = "phi3";

    private const string Qwen3 = "qwen3", Qwen3Moe = "qwen3moe";

    /// <summary>The architecture's name.</summary>
    public static string NameOf(ModelConfig config) => config switch
    {
        { SandwichNorms: true } => Gemma3,
        { ModelType: "phi3" } or { LongRopeScaling: not null } or { RotaryDim: not 0 } => Phi3,
        { QkNorm: true } => config.Experts is null ? Qwen3 : Qwen3Moe,
        { QkvBias: true } => Qwen2,
        { UnrotatedLayers: not null } => SmolLm3,
        _ => Llama,
    };

    /// <summary>Whether rows of queries and keys stand in pairs in an architecture's files: each rotates with the next.</summary>
    public static bool RotatesPairs(string name) => name is Llama or SmolLm3;

    /// <summary>Says what of a configuration no architecture computes; nothing where one does.</summary>
    public static IEnumerable<string> Obstacles(ModelConfig config)
    {
        foreach (string obstacle in GgufParts.Obstacles(config, NameOf(config)))
            yield return obstacle;
        if (config is { QkNorm: false, Experts: not null })
            yield return "no architecture of the runtimes has experts (num_experts) without normalised queries and keys";
        if (config.Experts is { NormalizeTopK: false })
            yield return "norm_topk_prob is false, but the runtimes scale the weights of the chosen experts to sum to one";
        if (config.RopeScaling is { } yarn)
        {
            foreach (string obstacle in YarnObstacles(config, yarn))
                yield return obstacle;
        }
    }

    /// <summary>Adds what the runtimes must know of the shape.</summary>
    public static void AddKeys(GgufMetadata metadata, ModelConfig config)
    {
        string name = NameOf(config);
        metadata.Add($"{name}.vocab_size", config.VocabularySize);
        metadata.Add($"{name}.context_length", config.MaxPositions);
        metadata.Add($"{name}.embedding_length", config.HiddenSize);
        metadata.Add($"{name}.block_count", config.LayerCount);
        metadata.Add($"{name}.feed_forward_length", config.IntermediateSize);
        metadata.Add($"{name}.attention.head_count", config.HeadCount);
        metadata.Add($"{name}.attention.head_count_kv", config.KeyValueHeadCount);
        metadata.Add($"{name}.attention.key_length", config.HeadDim);
        metadata.Add($"{name}.attention.value_length", config.HeadDim);
        metadata.Add($"{name}.attention.layer_norm_rms_epsilon", config.RmsNormEpsilon);
        metadata.Add($"{name}.rope.dimension_count", config.RotatedWidth);
        metadata.Add($"{name}.rope.freq_base", config.RopeTheta);
        GgufParts.AddKeys(metadata, config, name);
        if (config.RopeScaling is { } yarn)
        {
            metadata.Add($"{name}.rope.scaling.type", "yarn");
            metadata.Add($"{name}.rope.scaling.factor", yarn.Factor);
            metadata.Add($"{name}.rope.scaling.original_context_length", yarn.OriginalMaxPositions);
        }
        if (config.Experts is not { } experts)
            return;
        metadata.Add($"{name}.expert_count", experts.Count);
        metadata.Add($"{name}.expert_used_count", experts.PerToken);
        metadata.Add($"{name}.expert_feed_forward_length", experts.IntermediateSize);
    }

    // The runtimes' YaRN is that of the paper: its factor on cosines and sines follows from the stretch, and older ones read no other turns than 32 and 1.
    private static IEnumerable<string> YarnObstacles(ModelConfig config, YarnScaling yarn)
    {
        double factor = 1 + (0.1 * Math.Log(yarn.Factor));
        if (Math.Abs(yarn.AttentionFactor - factor) > 1e-6)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                    $"YaRN's attention_factor is {yarn.AttentionFactor}, but the runtimes compute {factor:0.######} for a factor of {yarn.Factor}")
                + "; for contexts up to the original one save the model without scaling (rope_scaling null, inference_rope_scaling false)";
        }
        if (yarn is not { BetaFast: 32, BetaSlow: 1 })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"YaRN's beta_fast and beta_slow are {yarn.BetaFast} and {yarn.BetaSlow}, but the runtimes take 32 and 1");
        }
        if (!YarnAgreement.Holds(config, yarn, out string fault))
            yield return $"its YaRN scaling must be {fault}";
    }
}
