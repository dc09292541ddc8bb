using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>Qwen2 and Qwen2.5: as Llama, with biases of queries, keys and values.</summary>
/// <remarks>Defaults: Qwen2Config of transformers.</remarks>
internal sealed class Qwen2Family : ModelFamily
{
    private static readonly ModelConfig s_defaults = new()
    {
        VocabularySize = 151_936, HiddenSize = 4096, IntermediateSize = 22_016, LayerCount = 32, HeadCount = 32, KeyValueHeadCount = 32, MaxPositions = 32_768,
        TieWordEmbeddings = false, BosTokenId = null, EosTokenId = null,
    };

    public override string ModelType => "qwen2";

    public override string Architecture => "Qwen2ForCausalLM";

    protected override IReadOnlyCollection<string> Parts { get; } = [nameof(ModelConfig.QkvBias), nameof(ModelConfig.Llama3Scaling)];

    public override ModelConfig Read(ConfigFields fields)
    {
        FamilyFields.RequirePlain(fields, "use_sliding_window");
        FamilyFields.RequireWholeRotation(fields);
        FamilyFields.RequireSilu(fields);
        FamilyFields.RequireLayerTypes(fields, "full_attention");
        return FamilyFields.WithRotation(fields, FamilyFields.Sizes(fields, s_defaults), theta: 10_000) with { ModelType = ModelType, QkvBias = true };
    }

    public override void Write(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteReal("attention_dropout", 0);
        json.WriteBoolean("use_sliding_window", false);
        json.WriteNull("sliding_window");
    }

    public override string? Obstacle(ModelConfig config) => config.QkvBias ? base.Obstacle(config)
        : "models of type qwen2 have biases of queries, keys and values";
}
