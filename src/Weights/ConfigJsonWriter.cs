using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights.Families;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes <c>config.json</c> and <c>generation_config.json</c>.</summary>
/// <remarks>
/// Rotary fields and <c>torch_dtype</c> are written under their older names, which transformers 4 and 5, vLLM and llama.cpp's converter all read.
/// </remarks>
internal static class ConfigJsonWriter
{
    /// <summary>The name of the file with the defaults of generation.</summary>
    public const string GenerationFileName = "generation_config.json";

    /// <summary>Hugging Face's layout, but MiniMind's for what only that can hold: shared experts, and dropout in every layer.</summary>
    public static ModelLayout DefaultLayout(ModelConfig config) =>
        Obstacle(config, ModelLayout.HuggingFace) is not null && Obstacle(config, ModelLayout.MiniMind) is null ? ModelLayout.MiniMind
            : ModelLayout.HuggingFace;

    /// <summary>Says why a layout cannot hold a configuration, or nothing where it can.</summary>
    public static string? Obstacle(ModelConfig config, ModelLayout layout)
    {
        if (layout == ModelLayout.MiniMind)
        {
            string[] strange = [.. ConfigParts.Of(config)];
            if (strange.Length > 0)
                return $"MiniMind's own model has no {string.Join(", ", strange)}: save it in the HuggingFace layout";
            if (IsMiniMind2(config))
                return MiniMind2Obstacle(config);
            if (config.Experts is { SharedCount: > 0 } or { BalancesSequences: true })
            {
                return "MiniMind 3 has no shared experts and balances all tokens together; MiniMind 2,"
                    + $" ModelType \"{MiniMind2ConfigReader.ModelType}\" without QK norm, does otherwise";
            }
            if (!config.QkNorm)
                return "MiniMind's own model always has QK norm, this one has none: save it in the HuggingFace layout";
            return config.RopeScaling is { } scaling && scaling != MiniMindConfigReader.InferenceScaling
                ? "MiniMind's own model knows one YaRN scaling (factor 16 over 2048 positions): save this one in the HuggingFace layout" : null;
        }
        if (ModelFamilies.Of(config) is { } family)
            return family.Obstacle(config) ?? OfAnyFamily(config);
        string plain = TypeOf(config).Type;
        if (config.ModelType is not (null or MiniMind2ConfigReader.ModelType) && config.ModelType != plain)
            return $"a model of these parts is of type {plain}, and ModelType says '{config.ModelType}'";
        if (ConfigParts.Of(config).Except(ConfigParts.OfAnyType).ToArray() is { Length: > 0 } parts)
            return $"no Hugging Face model type has these parts together: {string.Join(", ", parts)}";
        if (config.Experts is { SharedCount: > 0 } or { BalancesSequences: true })
            return "no Hugging Face model type has MiniMind 2's experts: save it in the MiniMind layout";
        if (config is { QkNorm: false, Experts: not null })
            return "no Hugging Face model type has experts without QK norm and MiniMind's names of weights";
        return OfAnyFamily(config);
    }

    private static string? OfAnyFamily(ModelConfig config)
    {
        if (config.Dropout != 0)
            return $"Qwen3 and Llama have no dropout outside attention; this model has {config.Dropout.ToString(CultureInfo.InvariantCulture)}";
        return config.RopeScaling is { } yarn && !YarnAgreement.Holds(config, yarn, out string fault) ? $"its YaRN scaling must be {fault}" : null;
    }

    /// <summary>Writes <c>config.json</c>.</summary>
    /// <exception cref="NotSupportedException">The layout cannot hold the configuration; see <see cref="Obstacle"/>.</exception>
    public static void Write(Stream stream, ModelConfig config, ModelLayout layout, WeightPrecision precision)
    {
        if (Obstacle(config, layout) is { } obstacle)
            throw new NotSupportedException($"The model cannot be saved in the {layout} layout: {obstacle}.");
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        if (layout == ModelLayout.MiniMind)
            WriteMiniMind(json, config);
        else
            WriteHuggingFace(json, config);
        WriteCommon(json, config, layout);
        json.WriteString("torch_dtype", precision.ToConfigName());
        json.WriteEndObject();
    }

    /// <summary>Writes <c>generation_config.json</c>: the ids that open and end a text.</summary>
    public static void WriteGeneration(Stream stream, ModelConfig config)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteBoolean("_from_model_config", true);
        if (config.BosTokenId is { } bos)
            json.WriteNumber("bos_token_id", bos);
        if (config.EosTokenId is not null)
            WriteEnds(json, config);
        json.WriteEndObject();
    }

    private static bool IsMiniMind2(ModelConfig config) => config is { ModelType: MiniMind2ConfigReader.ModelType, QkNorm: false };

    private static string? MiniMind2Obstacle(ModelConfig config)
    {
        if (config.RopeScaling is not null || config.Dropout != 0 || !config.TieWordEmbeddings)
            return "MiniMind 2 is read here without scaled rotation and dropout, and with a tied head";
        if (config.HeadDim * config.HeadCount != config.HiddenSize)
            return $"MiniMind 2's heads are the hidden size {config.HiddenSize} divided by their number {config.HeadCount} wide";
        return config.Experts is { } experts && experts.IntermediateSize != config.IntermediateSize ? "MiniMind 2's experts are as wide as its dense layers"
            : null;
    }

    private static void WriteMiniMind(Utf8JsonWriter json, ModelConfig config)
    {
        WriteType(json, "minimind", "MiniMindForCausalLM");
        json.WriteReal("dropout", config.Dropout);
        json.WriteBoolean("flash_attn", true);
        json.WriteBoolean(MiniMindConfigReader.InferenceScalingKey, config.RopeScaling is not null);
        json.WriteBoolean("use_moe", config.Experts is not null);
        if (IsMiniMind2(config))
            WriteMiniMind2Experts(json, config.Experts ?? MiniMind2ConfigReader.DefaultExperts);
        else if (config.Experts is { } experts)
            WriteExperts(json, experts);
    }

    private static void WriteMiniMind2Experts(Utf8JsonWriter json, ExpertsConfig experts)
    {
        json.WriteNumber(MiniMind2ConfigReader.Mark, experts.Count);
        json.WriteNumber("n_shared_experts", experts.SharedCount);
        json.WriteNumber("num_experts_per_tok", experts.PerToken);
        json.WriteString("scoring_func", "softmax");
        json.WriteBoolean("norm_topk_prob", experts.NormalizeTopK);
        json.WriteBoolean("seq_aux", experts.BalancesSequences);
        json.WriteReal("aux_loss_alpha", experts.AuxLossCoefficient);
    }

    private static void WriteHuggingFace(Utf8JsonWriter json, ModelConfig config)
    {
        if (ModelFamilies.Of(config) is { } family)
        {
            WriteType(json, family.ModelType, family.Architecture);
            family.Write(json, config);
            if (family.DefaultPadTokenId >= config.VocabularySize)
                json.WriteNull("pad_token_id");
            return;
        }
        (string type, string architecture) = TypeOf(config);
        WriteType(json, type, architecture);
        json.WriteBoolean("attention_bias", false);
        json.WriteReal("attention_dropout", 0);
        if (config.QkNorm)
        {
            json.WriteBoolean("use_sliding_window", false);
            json.WriteNull("sliding_window");
        }
        else
        {
            json.WriteBoolean("mlp_bias", false);
        }
        if (Obstacle(config, ModelLayout.MiniMind) is null)
            WriteForMiniMind(json, config);
        if (config.Experts is not { } experts)
            return;
        WriteExperts(json, experts);
        json.WriteNumber("decoder_sparse_step", 1);
        json.WriteStartArray("mlp_only_layers");
        json.WriteEndArray();
    }

    /// <summary>What MiniMind's own class needs besides the keys of Qwen3 or Llama to make the same model of the file; nobody else knows these keys.</summary>
    private static void WriteForMiniMind(Utf8JsonWriter json, ModelConfig config)
    {
        if (config.Experts is not null)
            json.WriteBoolean("use_moe", true);
        if (config.RopeScaling is not null || IsMiniMind2(config))
            json.WriteBoolean(MiniMindConfigReader.InferenceScalingKey, config.RopeScaling is not null);
    }

    /// <summary>The type and class of a model without the parts of other families.</summary>
    private static (string Type, string Architecture) TypeOf(ModelConfig config) => !config.QkNorm ? ("llama", "LlamaForCausalLM")
        : config.Experts is null ? ("qwen3", "Qwen3ForCausalLM") : ("qwen3_moe", "Qwen3MoeForCausalLM");

    private static void WriteType(Utf8JsonWriter json, string type, string architecture)
    {
        json.WriteStartArray("architectures");
        json.WriteStringValue(architecture);
        json.WriteEndArray();
        json.WriteString("model_type", type);
    }

    private static void WriteExperts(Utf8JsonWriter json, ExpertsConfig experts)
    {
        json.WriteNumber("num_experts", experts.Count);
        json.WriteNumber("num_experts_per_tok", experts.PerToken);
        json.WriteNumber("moe_intermediate_size", experts.IntermediateSize);
        json.WriteBoolean("norm_topk_prob", experts.NormalizeTopK);
        json.WriteReal("router_aux_loss_coef", experts.AuxLossCoefficient);
    }

    private static void WriteCommon(Utf8JsonWriter json, ModelConfig config, ModelLayout layout)
    {
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("num_hidden_layers", config.LayerCount);
        json.WriteNumber("num_attention_heads", config.HeadCount);
        json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteNumber("intermediate_size", config.IntermediateSize);
        string activation = layout == ModelLayout.HuggingFace ? ModelFamilies.Of(config)?.ActivationKey ?? "hidden_act" : "hidden_act";
        json.WriteString(activation, config.Activation == Activation.Silu ? "silu" : "gelu_pytorch_tanh");
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        json.WriteReal("rms_norm_eps", config.RmsNormEpsilon);
        json.WriteReal("rope_theta", config.RopeTheta);
        WriteScaling(json, config);
        json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
        WriteTokenId(json, "bos_token_id", config.BosTokenId);
        WriteEnds(json, config);
    }

    private static void WriteScaling(Utf8JsonWriter json, ModelConfig config)
    {
        if (config is { RopeScaling: null, Llama3Scaling: null, LongRopeScaling: null, LinearRopeFactor: 0 })
        {
            json.WriteNull("rope_scaling");
            return;
        }
        json.WriteStartObject("rope_scaling");
        if (config.RopeScaling is { } yarn)
            WriteYarn(json, yarn);
        if (config.Llama3Scaling is { } llama)
            WriteLlama3(json, llama);
        if (config.LongRopeScaling is { } longRope)
            WriteLongRope(json, longRope);
        if (config.LinearRopeFactor != 0)
        {
            json.WriteString("rope_type", "linear");
            json.WriteReal("factor", config.LinearRopeFactor);
        }
        json.WriteEndObject();
    }

    private static void WriteLlama3(Utf8JsonWriter json, Llama3Scaling scaling)
    {
        json.WriteString("rope_type", "llama3");
        json.WriteReal("factor", scaling.Factor);
        json.WriteReal("low_freq_factor", scaling.LowFrequencyFactor);
        json.WriteReal("high_freq_factor", scaling.HighFrequencyFactor);
        json.WriteNumber("original_max_position_embeddings", scaling.OriginalMaxPositions);
    }

    private static void WriteLongRope(Utf8JsonWriter json, LongRopeScaling scaling)
    {
        json.WriteString("rope_type", "longrope");
        json.WriteString("type", "longrope");
        json.WriteReals("short_factor", scaling.ShortFactors);
        json.WriteReals("long_factor", scaling.LongFactors);
        json.WriteReal("attention_factor", scaling.AttentionFactor);
    }

    private static void WriteYarn(Utf8JsonWriter json, YarnScaling yarn)
    {
        json.WriteString("rope_type", "yarn");
        json.WriteString("type", "yarn");
        json.WriteReal("factor", yarn.Factor);
        json.WriteNumber("original_max_position_embeddings", yarn.OriginalMaxPositions);
        json.WriteReal("beta_fast", yarn.BetaFast);
        json.WriteReal("beta_slow", yarn.BetaSlow);
        json.WriteReal("attention_factor", yarn.AttentionFactor);
    }

    private static void WriteEnds(Utf8JsonWriter json, ModelConfig config)
    {
        if (config.EosTokenIds is not { } ids)
        {
            WriteTokenId(json, "eos_token_id", config.EosTokenId);
            return;
        }
        json.WriteStartArray("eos_token_id");
        foreach (int id in ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
    }

    private static void WriteTokenId(Utf8JsonWriter json, string key, int? id) => json.WriteOptional(key, id);
}
