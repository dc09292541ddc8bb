using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>
/// Reads the rotary embedding's fields, as transformers 4 (<c>rope_theta</c>, <c>rope_scaling</c>) and 5 (<c>rope_parameters</c>) write them.
/// </summary>
internal static class RopeFields
{
    private const string Old = "rope_scaling", New = "rope_parameters";

    /// <summary>The base of the frequencies.</summary>
    public static double Theta(ConfigFields fields, double absent)
    {
        const double Most = 1e12;
        double? inside = fields.Object(New) is { } parameters
            && parameters.Has("rope_theta") ? parameters.Number("rope_theta", absent, 1, Most, orEqual: false) : null;
        double outside = fields.Number("rope_theta", inside ?? absent, 1, Most, orEqual: false);
        if (inside is not null && inside != outside)
            fields.Fault("rope_theta", $"the {inside} of rope_parameters.rope_theta, or absent");
        return outside;
    }

    /// <summary>YaRN's fields, or <see langword="null"/> where there is no scaling.</summary>
    /// <param name="fields">The configuration.</param>
    /// <param name="defaults">What holds where a field is absent; <see langword="null"/> for transformers' rules.</param>
    public static YarnScaling? Scaling(ConfigFields fields, YarnScaling? defaults = null)
    {
        if (fields.Has(Old) && fields.Has(New))
            fields.Fault(Old, "absent where rope_parameters is there");
        if ((fields.Object(New) ?? fields.Object(Old)) is not { } rope)
            return null;
        rope.Require("partial_rotary_factor", value => IsNumber(value, 1), "1");
        string type = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        if (type == "default")
            return null;
        if (type != "yarn")
        {
            rope.Fault(rope.Has("rope_type") ? "rope_type" : "type", "\"default\" or \"yarn\"");
            return null;
        }
        foreach (string key in (string[])["mscale", "mscale_all_dim"])
            rope.Require(key, _ => false, "absent");
        rope.Require("truncate", value => value.ValueKind == JsonValueKind.True, "true");
        string[] missing = [.. ((string[])["factor", "original_max_position_embeddings"]).Where(key => defaults is null && !rope.Has(key))];
        foreach (string key in missing)
            rope.Fault(key, "given with rope type yarn");
        if (missing.Length > 0)
            return null;
        YarnScaling preset = defaults ?? new YarnScaling();
        double factor = rope.Number("factor", preset.Factor, 1, 1e6);
        return new YarnScaling
        {
            Factor = factor,
            OriginalMaxPositions = rope.Integer("original_max_position_embeddings", preset.OriginalMaxPositions, 1, ConfigLimits.Positions),
            BetaFast = rope.Number("beta_fast", preset.BetaFast, 0, 1e6, orEqual: false),
            BetaSlow = rope.Number("beta_slow", preset.BetaSlow, 0, 1e6, orEqual: false),
            AttentionFactor = rope.Number("attention_factor", defaults?.AttentionFactor ?? ((0.1 * Math.Log(factor)) + 1), 0, 1e6, orEqual: false),
        };
    }

    private static bool IsNumber(JsonElement value, double wanted) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == wanted;
}
