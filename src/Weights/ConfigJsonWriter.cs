using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes <c>config.json</c> and <c>generation_config.json</c>.</summary>
/// <remarks>
/// Rotary fields and <c>torch_dtype</c> are written under their older names, which transformers 4 and 5, vLLM and llama.cpp's converter all read.
/// </remarks>
internal static class ConfigJsonWriter
{
    /// <summary>The name of the file with the defaults of generation.</summary>
    public const string GenerationFileName = "generation_config.json";

    /// <summary>Says why a layout cannot hold a configuration, or nothing where it can.</summary>
    public static string? Obstacle(ModelConfig config, ModelLayout layout)
    {
        if (layout == ModelLayout.MiniMind)
        {
            if (!config.QkNorm)
                return "MiniMind's own model always has QK norm, this one has none: save it in the HuggingFace layout";
            return config.RopeScaling is { } scaling && scaling != MiniMindConfigReader.InferenceScaling
                ? "MiniMind's own model knows one YaRN scaling (factor 16 over 2048 positions): save this one in the HuggingFace layout" : null;
        }
        if (config is { QkNorm: false, Experts: not null })
            return "no Hugging Face model type has experts without QK norm and MiniMind's names of weights";
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
        WriteCommon(json, config);
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

    private static void WriteMiniMind(Utf8JsonWriter json, ModelConfig config)
    {
        WriteType(json, "minimind", "MiniMindForCausalLM");
        WriteReal(json, "dropout", config.Dropout);
        json.WriteBoolean("flash_attn", true);
        json.WriteBoolean("inference_rope_scaling", config.RopeScaling is not null);
        json.WriteBoolean("use_moe", config.Experts is not null);
        if (config.Experts is { } experts)
            WriteExperts(json, experts);
    }

    private static void WriteHuggingFace(Utf8JsonWriter json, ModelConfig config)
    {
        if (!config.QkNorm)
            WriteType(json, "llama", "LlamaForCausalLM");
        else if (config.Experts is null)
            WriteType(json, "qwen3", "Qwen3ForCausalLM");
        else
            WriteType(json, "qwen3_moe", "Qwen3MoeForCausalLM");
        json.WriteBoolean("attention_bias", false);
        WriteReal(json, "attention_dropout", 0);
        if (config.QkNorm)
        {
            json.WriteBoolean("use_sliding_window", false);
            json.WriteNull("sliding_window");
        }
        else
        {
            json.WriteBoolean("mlp_bias", false);
        }
        if (config.Experts is not { } experts)
            return;
        WriteExperts(json, experts);
        json.WriteNumber("decoder_sparse_step", 1);
        json.WriteStartArray("mlp_only_layers");
        json.WriteEndArray();
    }

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
        WriteReal(json, "router_aux_loss_coef", experts.AuxLossCoefficient);
    }

    private static void WriteCommon(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("num_hidden_layers", config.LayerCount);
        json.WriteNumber("num_attention_heads", config.HeadCount);
        json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteNumber("intermediate_size", config.IntermediateSize);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        WriteReal(json, "rms_norm_eps", config.RmsNormEpsilon);
        WriteReal(json, "rope_theta", config.RopeTheta);
        WriteScaling(json, config.RopeScaling);
        json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
        WriteTokenId(json, "bos_token_id", config.BosTokenId);
        WriteEnds(json, config);
    }

    private static void WriteScaling(Utf8JsonWriter json, YarnScaling? yarn)
    {
        if (yarn is null)
        {
            json.WriteNull("rope_scaling");
            return;
        }
        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", "yarn");
        json.WriteString("type", "yarn");
        WriteReal(json, "factor", yarn.Factor);
        json.WriteNumber("original_max_position_embeddings", yarn.OriginalMaxPositions);
        WriteReal(json, "beta_fast", yarn.BetaFast);
        WriteReal(json, "beta_slow", yarn.BetaSlow);
        WriteReal(json, "attention_factor", yarn.AttentionFactor);
        json.WriteEndObject();
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

    private static void WriteTokenId(Utf8JsonWriter json, string key, int? id)
    {
        if (id is { } number)
            json.WriteNumber(key, number);
        else
            json.WriteNull(key);
    }

    // Python tells 1 from 1.0, and transformers 5 checks for floats.
    private static void WriteReal(Utf8JsonWriter json, string key, double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        json.WritePropertyName(key);
        json.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text);
    }
}
