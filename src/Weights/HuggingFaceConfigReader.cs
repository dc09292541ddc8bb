using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights.Families;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads configurations of Qwen3, Qwen3-MoE and Llama, with transformers' defaults, where the architecture is the one implemented here.</summary>
/// <remarks>Defaults: Qwen3Config, Qwen3MoeConfig, LlamaConfig of transformers 5; those of 4 are the same.</remarks>
internal static class HuggingFaceConfigReader
{
    private const double DefaultTheta = 10_000;

    /// <summary>The configuration; faults are collected by <paramref name="fields"/>.</summary>
    public static ModelConfig Read(ConfigFields fields, string type)
    {
        RequireSameArchitecture(fields);
        bool miniMind2 = type == "llama" && fields.Has(MiniMindConfigReader.InferenceScalingKey);
        if (miniMind2)
            MiniMind2ConfigReader.RequireNoScaling(fields);
        ModelConfig defaults = Defaults(type);
        int heads = fields.Integer("num_attention_heads", defaults.HeadCount, 1, ConfigLimits.Heads);
        int keyValueHeads = type == "qwen3_moe" || !(type == "llama" || fields.IsNull("num_key_value_heads")) ? defaults.KeyValueHeadCount : heads;
        int vocabulary = fields.Integer("vocab_size", defaults.VocabularySize, 1, ConfigLimits.Vocabulary);
        return FamilyFields.WithRotation(fields, new ModelConfig
        {
            ModelType = miniMind2 ? MiniMind2ConfigReader.ModelType : null,
            VocabularySize = vocabulary,
            HiddenSize = fields.Integer("hidden_size", defaults.HiddenSize, 1, ConfigLimits.Width),
            LayerCount = fields.Integer("num_hidden_layers", defaults.LayerCount, 1, ConfigLimits.Layers),
            HeadCount = heads,
            KeyValueHeadCount = fields.Integer("num_key_value_heads", keyValueHeads, 1, ConfigLimits.Heads),
            HeadDim = fields.Integer("head_dim", type == "qwen3" ? 128 : 0, 2, ConfigLimits.Heads),
            IntermediateSize = fields.Integer("intermediate_size", defaults.IntermediateSize, 1, ConfigLimits.Width),
            MaxPositions = fields.Integer("max_position_embeddings", defaults.MaxPositions, 1, ConfigLimits.Positions),
            RmsNormEpsilon = fields.Number("rms_norm_eps", 1e-6, 0, 1, orEqual: false),
            TieWordEmbeddings = fields.Flag("tie_word_embeddings", false),
            QkNorm = type != "llama",
            BosTokenId = fields.TokenId("bos_token_id", defaults.BosTokenId, vocabulary),
            EosTokenId = fields.TokenId("eos_token_id", defaults.EosTokenId, vocabulary),
            EosTokenIds = fields.TokenIds("eos_token_id", vocabulary),
            Experts = type == "qwen3_moe" ? Experts(fields) : null,
        }, DefaultTheta);
    }

    private static ModelConfig Defaults(string type) => type switch
    {
        "qwen3" => new()
        {
            VocabularySize = 151_936, HiddenSize = 4096, IntermediateSize = 22_016, LayerCount = 32, HeadCount = 32, KeyValueHeadCount = 32,
            MaxPositions = 32_768, BosTokenId = null, EosTokenId = null
        },
        "qwen3_moe" => new()
        {
            VocabularySize = 151_936, HiddenSize = 2048, IntermediateSize = 6144, LayerCount = 24, HeadCount = 32, KeyValueHeadCount = 4,
            MaxPositions = 32_768, BosTokenId = null, EosTokenId = null
        },
        _ => new()
        {
            VocabularySize = 32_000, HiddenSize = 4096, IntermediateSize = 11_008, LayerCount = 32, HeadCount = 32, KeyValueHeadCount = 32,
            MaxPositions = 2048, BosTokenId = 1, EosTokenId = 2
        },
    };

    private static void RequireSameArchitecture(ConfigFields fields)
    {
        FamilyFields.RequireSilu(fields);
        FamilyFields.RequirePlain(fields, "attention_bias", "use_sliding_window");
        FamilyFields.RequireWholeRotation(fields);
        FamilyFields.RequireLayerTypes(fields, "full_attention");
    }

    private static ExpertsConfig Experts(ConfigFields fields)
    {
        fields.Require("decoder_sparse_step", value => FamilyFields.IsNumber(value, 1), "1 (experts in every layer)");
        fields.Require("mlp_only_layers", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0, "[] (experts in every layer)");
        int local = fields.Integer("num_local_experts", 128, 1, ConfigLimits.Experts);
        int count = fields.Integer("num_experts", local, 1, ConfigLimits.Experts);
        if (fields.Has("num_local_experts") && local != count)
            fields.Fault("num_experts", $"the {local} of num_local_experts, or absent");
        return new ExpertsConfig
        {
            Count = count,
            PerToken = fields.Integer("num_experts_per_tok", 8, 1, ConfigLimits.Experts),
            IntermediateSize = fields.Integer("moe_intermediate_size", 768, 1, ConfigLimits.Width),
            NormalizeTopK = fields.Flag("norm_topk_prob", false),
            AuxLossCoefficient = fields.Number("router_aux_loss_coef", 0.001, 0, 1e6),
        };
    }
}
