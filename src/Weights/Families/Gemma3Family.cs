using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>
/// Gemma 3 for text: scaled embeddings, norms of one plus their weights around both parts of a layer, GeGLU, and windows in all but every sixth layer.
/// </summary>
/// <remarks>Defaults: Gemma3TextConfig of transformers.</remarks>
internal sealed class Gemma3Family : ModelFamily
{
    private const string Sliding = "sliding_attention", Full = "full_attention", RopeParameters = "rope_parameters";
    private const int DefaultPattern = 6, DefaultWindow = 4096, DefaultHead = 256;
    private const double GlobalTheta = 1_000_000, LocalTheta = 10_000;

    private static readonly ModelConfig s_defaults = new()
    {
        VocabularySize = 262_208, HiddenSize = 2304, IntermediateSize = 9216, LayerCount = 26, HeadCount = 8, KeyValueHeadCount = 4, MaxPositions = 131_072,
        TieWordEmbeddings = true, BosTokenId = 2, EosTokenId = 1,
    };

    public override string ModelType => "gemma3_text";

    public override string Architecture => "Gemma3ForCausalLM";

    public override string ActivationKey => "hidden_activation";

    protected override bool QkNorm => true;

    protected override IReadOnlyCollection<string> Parts { get; } =
    [
        nameof(ModelConfig.LinearRopeFactor), nameof(ModelConfig.SlidingWindow), nameof(ModelConfig.GlobalLayers), nameof(ModelConfig.LocalRopeTheta),
        nameof(ModelConfig.Activation),
        nameof(ModelConfig.UnitOffsetNorms), nameof(ModelConfig.SandwichNorms), nameof(ModelConfig.ScaledEmbeddings),
        nameof(ModelConfig.QueryPreAttentionScalar),
    ];

    public override ModelConfig Read(ConfigFields fields)
    {
        FamilyFields.RequirePlain(fields, "attention_bias", "use_bidirectional_attention");
        FamilyFields.RequireWholeRotation(fields);
        foreach (string key in (string[])["final_logit_softcapping", "attn_logit_softcapping"])
            fields.Require(key, _ => false, "null");
        fields.Require("hidden_activation", value => value.ValueKind == JsonValueKind.String && value.GetString() == "gelu_pytorch_tanh",
            "\"gelu_pytorch_tanh\"");
        ModelConfig sizes = FamilyFields.Sizes(fields, s_defaults);
        (double theta, double local, double factor) = Rotation(fields);
        int headDim = fields.Integer("head_dim", DefaultHead, 2, ConfigLimits.Heads);
        double scalar = fields.Number("query_pre_attn_scalar", 256, 0, 1e9, orEqual: false);
        return sizes with
        {
            ModelType = ModelType,
            QkNorm = true,
            HeadDim = headDim,
            RopeTheta = theta,
            LocalRopeTheta = local,
            LinearRopeFactor = factor,
            Activation = Activation.GeluTanh,
            SlidingWindow = fields.Integer("sliding_window", DefaultWindow, 1, ConfigLimits.Positions),
            GlobalLayers = GlobalLayers(fields, sizes.LayerCount),
            UnitOffsetNorms = true,
            SandwichNorms = true,
            ScaledEmbeddings = true,
            QueryPreAttentionScalar = scalar == headDim ? null : scalar,
        };
    }

    public override void Write(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteBoolean("attention_bias", false);
        json.WriteReal("attention_dropout", 0);
        json.WriteNull("attn_logit_softcapping");
        json.WriteNull("final_logit_softcapping");
        json.WriteWhole("query_pre_attn_scalar", config.QueryPreAttentionScalar ?? config.HeadDim);
        json.WriteReal("rope_local_base_freq", config.LocalRopeTheta ?? LocalTheta);
        json.WriteOptional("sliding_window", config.SlidingWindow);
        json.WriteStartArray("layer_types");
        for (int layer = 0; layer < config.LayerCount; layer++)
            json.WriteStringValue(config.GlobalLayers?.Contains(layer) is true ? Full : Sliding);
        json.WriteEndArray();
    }

    public override string? Obstacle(ModelConfig config) => base.Obstacle(config)
        ?? (config is
        {
            UnitOffsetNorms: true, SandwichNorms: true, ScaledEmbeddings: true, Activation: Activation.GeluTanh, SlidingWindow: not null,
            LocalRopeTheta: not null
        }
            ? null : "models of type gemma3_text have scaled embeddings, four norms a layer of one plus their weights, GeGLU,"
                + " and a window with frequencies of its own");

    private static IReadOnlyList<int>? GlobalLayers(ConfigFields fields, int layers)
    {
        int pattern = fields.Integer(fields.Has("_sliding_window_pattern") ? "_sliding_window_pattern" : "sliding_window_pattern", DefaultPattern, 1,
            ConfigLimits.Layers);
        int[] full = [.. Enumerable.Range(0, layers).Where(layer => (layer + 1) % pattern == 0)];
        if (fields.Texts("layer_types") is { } types)
        {
            if (types.Count != layers || types.Any(type => type is not (Sliding or Full)))
                fields.Fault("layer_types", $"\"{Sliding}\" or \"{Full}\" for each of the {layers} layers");
            full = [.. Enumerable.Range(0, Math.Min(layers, types.Count)).Where(layer => types[layer] == Full)];
        }
        return full.Length == 0 ? null : full;
    }

    /// <summary>
    /// The bases of both kinds of layers, and the factor of the global ones: transformers 5 writes them by kind under <c>rope_parameters</c>.
    /// </summary>
    private static (double Theta, double Local, double Factor) Rotation(ConfigFields fields)
    {
        if (fields.Object(RopeParameters) is not { } both || !(both.Has(Full) || both.Has(Sliding)))
        {
            double local = fields.Number("rope_local_base_freq", LocalTheta, 1, 1e12, orEqual: false);
            return (RopeFields.Theta(fields, GlobalTheta), local, RopeFields.Linear(fields));
        }
        if (fields.Has("rope_scaling"))
            fields.Fault("rope_scaling", "absent where rope_parameters is there");
        double Of(string kind, double absent) => both.Object(kind)?.Number("rope_theta", absent, 1, 1e12, orEqual: false) ?? absent;
        if (both.Object(Sliding) is { } sliding)
            sliding.Require("rope_type", value => value.ValueKind == JsonValueKind.String && value.GetString() == "default", "\"default\"");
        return (Of(Full, GlobalTheta), Of(Sliding, LocalTheta), both.Object(Full) is { } full ? RopeFields.LinearOf(full) : 0);
    }
}
