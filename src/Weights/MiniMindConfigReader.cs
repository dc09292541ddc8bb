using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads the arguments of MiniMind's configuration class, with its defaults.</summary>
/// <remarks>s_defaults and meaning: MiniMindConfig in MiniMind's model/model_minimind.py.</remarks>
internal static class MiniMindConfigReader
{
    /// <summary>The key that only configurations of MiniMind have.</summary>
    public const string InferenceScalingKey = "inference_rope_scaling";

    /// <summary>The scaling that <see cref="InferenceScalingKey"/> means.</summary>
    public static readonly YarnScaling InferenceScaling = new();

    private static readonly ModelConfig s_defaults = new();

    /// <summary>The configuration; faults are collected by <paramref name="fields"/>.</summary>
    public static ModelConfig Read(ConfigFields fields)
    {
        int heads = fields.Integer("num_attention_heads", s_defaults.HeadCount, 1, ConfigLimits.Heads);
        int vocabulary = fields.Integer("vocab_size", s_defaults.VocabularySize, 1, ConfigLimits.Vocabulary);
        fields.Require("hidden_act", value => value.ValueKind == JsonValueKind.String && value.GetString() is "silu" or "swish", "\"silu\"");
        ModelConfig config = new()
        {
            VocabularySize = vocabulary,
            HiddenSize = fields.Integer("hidden_size", s_defaults.HiddenSize, 1, ConfigLimits.Width),
            LayerCount = fields.Integer("num_hidden_layers", s_defaults.LayerCount, 1, ConfigLimits.Layers),
            HeadCount = heads,
            KeyValueHeadCount = fields.Integer("num_key_value_heads", KeyValueHeads(fields, heads), 1, ConfigLimits.Heads),
            HeadDim = fields.Integer("head_dim", 0, 2, ConfigLimits.Heads),
            IntermediateSize = fields.Integer("intermediate_size", 0, 1, ConfigLimits.Width),
            MaxPositions = fields.Integer("max_position_embeddings", s_defaults.MaxPositions, 1, ConfigLimits.Positions),
            RmsNormEpsilon = fields.Number("rms_norm_eps", s_defaults.RmsNormEpsilon, 0, 1, orEqual: false),
            RopeTheta = RopeFields.Theta(fields, s_defaults.RopeTheta),
            RopeScaling = Scaling(fields),
            TieWordEmbeddings = fields.Flag("tie_word_embeddings", s_defaults.TieWordEmbeddings),
            Dropout = fields.Number("dropout", s_defaults.Dropout, 0, 0.99),
            BosTokenId = fields.TokenId("bos_token_id", s_defaults.BosTokenId, vocabulary),
            EosTokenId = fields.TokenId("eos_token_id", s_defaults.EosTokenId, vocabulary),
            EosTokenIds = fields.TokenIds("eos_token_id", vocabulary),
        };
        return fields.Flag("use_moe", false) ? config with { Experts = Experts(fields, config) } : config;
    }

    // Without the key the class has 4; with null it takes as many as there are query heads.
    private static int KeyValueHeads(ConfigFields fields, int heads) => fields.IsNull("num_key_value_heads") ? heads : s_defaults.KeyValueHeadCount;

    private static YarnScaling? Scaling(ConfigFields fields)
    {
        YarnScaling? meant = fields.Flag(InferenceScalingKey, false) ? InferenceScaling : null;
        YarnScaling? written = RopeFields.Scaling(fields, InferenceScaling);
        if (written is not null && written != meant)
        {
            fields.Fault(fields.Has("rope_scaling") ? "rope_scaling" : "rope_parameters",
                "what inference_rope_scaling means to MiniMind (without it null, with it "
                + "YaRN of factor 16 over 2048 positions, beta_fast 32, beta_slow 1, attention_factor 1)");
        }

        return meant;
    }

    private static ExpertsConfig Experts(ConfigFields fields, ModelConfig config)
    {
        ExpertsConfig defaults = new();
        foreach (string old in (string[])["n_routed_experts", "n_shared_experts"])
        {
            fields.Require(old, value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number == 0,
                "0 or absent (it belongs to an earlier MiniMind)");
        }

        return new ExpertsConfig
        {
            Count = fields.Integer("num_experts", defaults.Count, 1, ConfigLimits.Experts),
            PerToken = fields.Integer("num_experts_per_tok", defaults.PerToken, 1, ConfigLimits.Experts),
            IntermediateSize = fields.Integer("moe_intermediate_size", config.IntermediateSize, 1, ConfigLimits.Width),
            NormalizeTopK = fields.Flag("norm_topk_prob", defaults.NormalizeTopK),
            AuxLossCoefficient = fields.Number("router_aux_loss_coef", defaults.AuxLossCoefficient, 0, 1e6),
        };
    }
}
