using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights.Families;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>
/// Reads the arguments of MiniMind 2's configuration class, with its defaults: no normalised queries and keys, and experts of which some are shared.
/// </summary>
/// <remarks>
/// Defaults and meaning: MiniMindConfig in MiniMind's model/model_minimind.py of April 2025 to March 2026. Files of that class have <c>n_routed_experts</c>,
/// those of later ones have not.
/// </remarks>
internal static class MiniMind2ConfigReader
{
    /// <summary>The key that only files of MiniMind 2 have.</summary>
    public const string Mark = "n_routed_experts";

    /// <summary>What <see cref="ModelConfig.ModelType"/> says of its models.</summary>
    public const string ModelType = "minimind";

    /// <summary>The load-balancing loss's weight where nothing says it: that of the class's last version, earlier ones had 0.1.</summary>
    public const double DefaultAuxLossCoefficient = 0.01;

    /// <summary>The shape of the smallest of its models.</summary>
    public static readonly ModelConfig Defaults = new()
    {
        ModelType = ModelType, HiddenSize = 512, KeyValueHeadCount = 2, IntermediateSize = Width(512), RmsNormEpsilon = 1e-5, QkNorm = false,
    };

    /// <summary>Its experts where nothing says otherwise, but for their width.</summary>
    public static readonly ExpertsConfig DefaultExperts = new()
    {
        PerToken = 2, SharedCount = 1, BalancesSequences = true, AuxLossCoefficient = DefaultAuxLossCoefficient,
    };

    /// <summary>The feed-forward layers' width where none is given: eight thirds of the hidden size, rounded down, and up to a multiple of 64.</summary>
    public static int Width(int hidden) => (int)((hidden * 8L / 3) + 63) / 64 * 64;

    /// <summary>The configuration; faults are collected by <paramref name="fields"/>.</summary>
    public static ModelConfig Read(ConfigFields fields)
    {
        FamilyFields.RequireSilu(fields);
        fields.Require("dropout", value => FamilyFields.IsNumber(value, 0), "0 (MiniMind 2 drops inside its feed-forward layers too)");
        RequireNoScaling(fields);
        foreach (string key in (string[])["rope_scaling", "rope_parameters"])
            fields.Require(key, _ => false, "null");
        int heads = fields.Integer("num_attention_heads", Defaults.HeadCount, 1, ConfigLimits.Heads);
        int vocabulary = fields.Integer("vocab_size", Defaults.VocabularySize, 1, ConfigLimits.Vocabulary);
        int hidden = fields.Integer("hidden_size", Defaults.HiddenSize, 1, ConfigLimits.Width);
        ModelConfig config = Defaults with
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            LayerCount = fields.Integer("num_hidden_layers", Defaults.LayerCount, 1, ConfigLimits.Layers),
            HeadCount = heads,
            KeyValueHeadCount = fields.Integer("num_key_value_heads", fields.IsNull("num_key_value_heads") ? heads : Defaults.KeyValueHeadCount, 1,
                ConfigLimits.Heads),
            IntermediateSize = fields.Integer("intermediate_size", Width(hidden), 1, ConfigLimits.Width),
            MaxPositions = fields.Integer("max_position_embeddings", Defaults.MaxPositions, 1, ConfigLimits.Positions),
            RmsNormEpsilon = fields.Number("rms_norm_eps", Defaults.RmsNormEpsilon, 0, 1, orEqual: false),
            RopeTheta = fields.Number("rope_theta", Defaults.RopeTheta, 1, 1e12, orEqual: false),
            BosTokenId = fields.TokenId("bos_token_id", Defaults.BosTokenId, vocabulary),
            EosTokenId = fields.TokenId("eos_token_id", Defaults.EosTokenId, vocabulary),
            EosTokenIds = fields.TokenIds("eos_token_id", vocabulary),
        };
        fields.Require("tie_word_embeddings", value => value.ValueKind == JsonValueKind.True, "true");
        return fields.Flag("use_moe", false) ? config with { Experts = Experts(fields, config) } : config;
    }

    /// <summary>Faults a scaled rotation.</summary>
    public static void RequireNoScaling(ConfigFields fields) => fields.Require(
        MiniMindConfigReader.InferenceScalingKey, value => value.ValueKind == JsonValueKind.False,
        "false (the scaling that it means changed between versions of MiniMind 2)");

    private static ExpertsConfig Experts(ConfigFields fields, ModelConfig config)
    {
        fields.Require("scoring_func", value => value.ValueKind == JsonValueKind.String && value.GetString() == "softmax", "\"softmax\"");
        int perToken = fields.Integer("num_experts_per_tok", 2, 1, ConfigLimits.Experts);
        return new ExpertsConfig
        {
            Count = fields.Integer(Mark, 4, 1, ConfigLimits.Experts),
            PerToken = perToken,
            IntermediateSize = config.IntermediateSize,
            NormalizeTopK = perToken > 1 && fields.Flag("norm_topk_prob", true), // a single one's weight stays what the router says
            AuxLossCoefficient = fields.Number("aux_loss_alpha", DefaultAuxLossCoefficient, 0, 1e6),
            SharedCount = fields.Integer("n_shared_experts", 1, 0, ConfigLimits.Experts),
            BalancesSequences = fields.Flag("seq_aux", true),
        };
    }
}
