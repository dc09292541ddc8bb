using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>SmolLM3: as Llama, with layers without rotary embedding, every fourth by default.</summary>
/// <remarks>Defaults: SmolLM3Config of transformers.</remarks>
internal sealed class SmolLm3Family : ModelFamily
{
    private const int DefaultInterval = 4;

    private static readonly ModelConfig s_defaults = new()
    {
        VocabularySize = 128_256, HiddenSize = 2048, IntermediateSize = 11_008, LayerCount = 36, HeadCount = 16, KeyValueHeadCount = 4, MaxPositions = 32_768,
        TieWordEmbeddings = true, BosTokenId = 128_000, EosTokenId = 128_001,
    };

    public override string ModelType => "smollm3";

    public override string Architecture => "SmolLM3ForCausalLM";

    public override int? DefaultPadTokenId => 128_004;

    protected override IReadOnlyCollection<string> Parts { get; } = [nameof(ModelConfig.UnrotatedLayers), nameof(ModelConfig.Llama3Scaling)];

    public override ModelConfig Read(ConfigFields fields)
    {
        FamilyFields.RequirePlain(fields, "attention_bias", "use_sliding_window");
        FamilyFields.RequireWholeRotation(fields);
        FamilyFields.RequireSilu(fields);
        FamilyFields.RequireLayerTypes(fields, "full_attention");
        ModelConfig sizes = FamilyFields.Sizes(fields, s_defaults);
        return FamilyFields.WithRotation(fields, sizes, theta: 2_000_000) with { ModelType = ModelType, UnrotatedLayers = Unrotated(fields, sizes.LayerCount) };
    }

    public override void Write(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteBoolean("attention_bias", false);
        json.WriteReal("attention_dropout", 0);
        json.WriteBoolean("mlp_bias", false);
        json.WriteStartArray("no_rope_layers");
        for (int layer = 0; layer < config.LayerCount; layer++)
            json.WriteNumberValue(config.UnrotatedLayers?.Contains(layer) is true ? 0 : 1);
        json.WriteEndArray();
        json.WriteBoolean("use_sliding_window", false);
        json.WriteNull("sliding_window");
    }

    /// <summary>The layers for which <c>no_rope_layers</c> says 0: its name says otherwise, but 1 is for layers that rotate.</summary>
    private static IReadOnlyList<int>? Unrotated(ConfigFields fields, int layers)
    {
        int interval = fields.Integer("no_rope_layer_interval", DefaultInterval, 1, ConfigLimits.Layers);
        int[] unrotated;
        if (fields.Numbers("no_rope_layers") is { } flags)
        {
            if (flags.Count < layers || flags.Any(flag => flag is not (0 or 1)))
                fields.Fault("no_rope_layers", $"a list of 0 and 1, one for each of the {layers} layers");
            unrotated = [.. Enumerable.Range(0, Math.Min(layers, flags.Count)).Where(layer => flags[layer] == 0)];
        }
        else
        {
            unrotated = [.. Enumerable.Range(0, layers).Where(layer => (layer + 1) % interval == 0)];
        }
        return unrotated.Length == 0 ? null : unrotated;
    }
}
