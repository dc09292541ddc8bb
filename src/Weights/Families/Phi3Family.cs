using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>Phi-3, Phi-3.5 and Phi-4 (also mini): as Llama, with fused projections in files, a rotation of part of each head, and LongRoPE.</summary>
/// <remarks>Defaults: Phi3Config of transformers.</remarks>
internal sealed class Phi3Family : ModelFamily
{
    private const string Partial = "partial_rotary_factor", Original = "original_max_position_embeddings";

    private static readonly ModelConfig s_defaults = new()
    {
        VocabularySize = 32_064, HiddenSize = 3072, IntermediateSize = 8192, LayerCount = 32, HeadCount = 32, KeyValueHeadCount = 32, MaxPositions = 4096,
        RmsNormEpsilon = 1e-5,
        TieWordEmbeddings = false, EosTokenId = 32_000,
    };

    public override string ModelType => "phi3";

    public override string Architecture => "Phi3ForCausalLM";

    public override int? DefaultPadTokenId => 32_000;

    public override bool FusesProjections => true;

    protected override IReadOnlyCollection<string> Parts { get; } =
        [nameof(ModelConfig.RotaryDim), nameof(ModelConfig.LongRopeScaling), nameof(ModelConfig.SlidingWindow)];

    public override ModelConfig Read(ConfigFields fields)
    {
        FamilyFields.RequirePlain(fields, "attention_bias", "lm_head_bias");
        foreach (string key in (string[])["resid_pdrop", "embd_pdrop"])
            fields.Require(key, value => FamilyFields.IsNumber(value, 0), "0");
        FamilyFields.RequireSilu(fields);
        int? window = fields.Has("sliding_window") ? fields.Integer("sliding_window", 1, 1, ConfigLimits.Positions) : null;
        FamilyFields.RequireLayerTypes(fields, window is null ? "full_attention" : "sliding_attention");
        ModelConfig sizes = FamilyFields.Sizes(fields, s_defaults);
        if (!fields.Has("num_key_value_heads"))
            sizes = sizes with { KeyValueHeadCount = sizes.HeadCount };
        if (fields.Has("rope_scaling") && fields.Has("rope_parameters"))
            fields.Fault("rope_scaling", "absent where rope_parameters is there");
        ConfigFields? rope = fields.Object("rope_parameters") ?? fields.Object("rope_scaling");
        double share = fields.Number(Partial, rope?.Number(Partial, 1, 0, 1, orEqual: false) ?? 1, 0, 1, orEqual: false);
        int rotated = (int)(sizes.HeadDim * share);
        if (rotated < 2 || rotated % 2 != 0)
            fields.Fault(Partial, $"such that an even number of each head's {sizes.HeadDim} is rotated");
        return sizes with
        {
            ModelType = ModelType,
            RopeTheta = RopeFields.Theta(fields, 10_000),
            SlidingWindow = window,
            RotaryDim = rotated == sizes.HeadDim ? 0 : rotated,
            LongRopeScaling = rope is null ? null : RopeFields.LongRope(rope, sizes.MaxPositions, OriginalPositions(fields, rope), rotated / 2),
        };
    }

    /// <summary>The longest context of pre-training, from where either version of transformers keeps it.</summary>
    private static int OriginalPositions(ConfigFields fields, ConfigFields rope) =>
        fields.Integer(Original, rope.Integer(Original, s_defaults.MaxPositions, 1, ConfigLimits.Positions), 1, ConfigLimits.Positions);

    public override void Write(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteBoolean("attention_bias", false);
        foreach (string key in (string[])["attention_dropout", "resid_pdrop", "embd_pdrop"])
            json.WriteReal(key, 0);
        json.WriteOptional("sliding_window", config.SlidingWindow);
        json.WriteReal(Partial, (double)config.RotatedWidth / config.HeadDim);
        json.WriteNumber(Original, config.LongRopeScaling?.OriginalMaxPositions ?? config.MaxPositions);
    }
}
