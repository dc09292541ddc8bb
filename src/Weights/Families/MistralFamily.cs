using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>Mistral: as Llama, with a window in every layer where the configuration has one.</summary>
/// <remarks>Defaults: MistralConfig of transformers.</remarks>
internal sealed class MistralFamily : ModelFamily
{
    private const int DefaultWindow = 4096;

    private static readonly ModelConfig s_defaults = new()
    {
        VocabularySize = 32_000, HiddenSize = 4096, IntermediateSize = 14_336, LayerCount = 32, HeadCount = 32, KeyValueHeadCount = 8, MaxPositions = 131_072,
        TieWordEmbeddings = false,
    };

    public override string ModelType => "mistral";

    public override string Architecture => "MistralForCausalLM";

    protected override IReadOnlyCollection<string> Parts { get; } = [nameof(ModelConfig.SlidingWindow), nameof(ModelConfig.Llama3Scaling)];

    public override ModelConfig Read(ConfigFields fields)
    {
        FamilyFields.RequirePlain(fields, "attention_bias");
        FamilyFields.RequireWholeRotation(fields);
        FamilyFields.RequireSilu(fields);
        int? window = fields.IsNull("sliding_window") ? null : fields.Integer("sliding_window", DefaultWindow, 1, ConfigLimits.Positions);
        FamilyFields.RequireLayerTypes(fields, window is null ? "full_attention" : "sliding_attention");
        return FamilyFields.WithRotation(fields, FamilyFields.Sizes(fields, s_defaults), theta: 10_000) with { ModelType = ModelType, SlidingWindow = window };
    }

    public override void Write(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteReal("attention_dropout", 0);
        json.WriteOptional("sliding_window", config.SlidingWindow);
    }
}
