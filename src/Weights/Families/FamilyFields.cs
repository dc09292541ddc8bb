using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>Fields that the configurations of Hugging Face's families have in common.</summary>
internal static class FamilyFields
{
    /// <summary>Sizes, base of the rotary frequencies, and ids.</summary>
    /// <param name="fields">The configuration.</param>
    /// <param name="defaults">What the family's class has where a key is absent.</param>
    public static ModelConfig Sizes(ConfigFields fields, ModelConfig defaults)
    {
        int heads = fields.Integer("num_attention_heads", defaults.HeadCount, 1, ConfigLimits.Heads);
        int vocabulary = fields.Integer("vocab_size", defaults.VocabularySize, 1, ConfigLimits.Vocabulary);
        return new ModelConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = fields.Integer("hidden_size", defaults.HiddenSize, 1, ConfigLimits.Width),
            LayerCount = fields.Integer("num_hidden_layers", defaults.LayerCount, 1, ConfigLimits.Layers),
            HeadCount = heads,
            KeyValueHeadCount = fields.Integer("num_key_value_heads", fields.IsNull("num_key_value_heads") ? heads : defaults.KeyValueHeadCount, 1,
                ConfigLimits.Heads),
            HeadDim = fields.Integer("head_dim", 0, 2, ConfigLimits.Heads),
            IntermediateSize = fields.Integer("intermediate_size", defaults.IntermediateSize, 1, ConfigLimits.Width),
            MaxPositions = fields.Integer("max_position_embeddings", defaults.MaxPositions, 1, ConfigLimits.Positions),
            RmsNormEpsilon = fields.Number("rms_norm_eps", defaults.RmsNormEpsilon, 0, 1, orEqual: false),
            TieWordEmbeddings = fields.Flag("tie_word_embeddings", defaults.TieWordEmbeddings),
            QkNorm = false,
            BosTokenId = fields.TokenId("bos_token_id", defaults.BosTokenId is { } bos && bos < vocabulary ? bos : null, vocabulary),
            EosTokenId = fields.TokenId("eos_token_id", defaults.EosTokenId is { } eos && eos < vocabulary ? eos : null, vocabulary),
            EosTokenIds = fields.TokenIds("eos_token_id", vocabulary),
        };
    }

    /// <summary>The same with the rotary embedding: its base, and YaRN's or Llama 3's scaling.</summary>
    public static ModelConfig WithRotation(ConfigFields fields, ModelConfig config, double theta)
    {
        ModelConfig rotated = config with
        {
            RopeTheta = RopeFields.Theta(fields, theta),
            RopeScaling = RopeFields.Scaling(fields, other: RopeFields.Llama3Type),
            Llama3Scaling = RopeFields.Llama3(fields),
        };
        if (rotated.RopeScaling is { } yarn && !YarnAgreement.Holds(rotated, yarn, out string fault))
            fields.Fault(fields.Has("rope_parameters") ? "rope_parameters" : "rope_scaling", fault);
        return rotated;
    }

    /// <summary>Faults what no family here computes: dropout in attention, quantised weights, biases of the feed-forward layer, and the others named.</summary>
    public static void RequirePlain(ConfigFields fields, params ReadOnlySpan<string> falseKeys)
    {
        foreach (string key in falseKeys)
            fields.Require(key, value => value.ValueKind == JsonValueKind.False, "false");
        fields.Require("mlp_bias", value => value.ValueKind == JsonValueKind.False, "false");
        fields.Require("attention_dropout", value => IsNumber(value, 0), "0");
        fields.Require("quantization_config", _ => false, "absent (quantised weights are not read)");
    }

    /// <summary>Faults a rotation of a part of each head.</summary>
    public static void RequireWholeRotation(ConfigFields fields) => fields.Require("partial_rotary_factor", value => IsNumber(value, 1), "1");

    /// <summary>Faults another activation than SiLU.</summary>
    public static void RequireSilu(ConfigFields fields) =>
        fields.Require("hidden_act", value => value.ValueKind == JsonValueKind.String && value.GetString() is "silu" or "swish", "\"silu\"");

    /// <summary>Faults layers that attend otherwise than said.</summary>
    public static void RequireLayerTypes(ConfigFields fields, string type) => fields.Require(
        "layer_types",
        value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String
            && item.GetString() == type),
        $"\"{type}\" in every layer");

    /// <summary>Whether a value is a given number.</summary>
    public static bool IsNumber(JsonElement value, double wanted) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
        && number == wanted;
}
