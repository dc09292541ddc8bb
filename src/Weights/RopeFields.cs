using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>
/// Reads the rotary embedding's fields, as transformers 4 (<c>rope_theta</c>, <c>rope_scaling</c>) and 5 (<c>rope_parameters</c>) write them.
/// </summary>
internal static class RopeFields
{
    /// <summary>The type that <see cref="Llama3"/> reads.</summary>
    public const string Llama3Type = "llama3";

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
    /// <param name="other">A further type, which is read elsewhere.</param>
    public static YarnScaling? Scaling(ConfigFields fields, YarnScaling? defaults = null, string? other = null)
    {
        if (fields.Has(Old) && fields.Has(New))
            fields.Fault(Old, "absent where rope_parameters is there");
        if ((fields.Object(New) ?? fields.Object(Old)) is not { } rope)
            return null;
        rope.Require("partial_rotary_factor", value => IsNumber(value, 1), "1");
        string type = Type(rope);
        if (type == "default" || type == other)
            return null;
        if (type != "yarn")
        {
            FaultType(rope, $"\"default\"{(other is null ? "" : $", \"{other}\"")} or \"yarn\"");
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

    /// <summary>The fields of Llama 3's scaling, or <see langword="null"/> where the type is another.</summary>
    public static Llama3Scaling? Llama3(ConfigFields fields)
    {
        if ((fields.Object(New) ?? fields.Object(Old)) is not { } rope || Type(rope) != Llama3Type)
            return null;
        string[] missing = [.. ((string[])["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"]).Where(key => !rope.Has(key))];
        foreach (string key in missing)
            rope.Fault(key, "given with rope type llama3");
        if (missing.Length > 0)
            return null;
        double low = rope.Number("low_freq_factor", 1, 0, 1e6, orEqual: false), high = rope.Number("high_freq_factor", 4, 0, 1e6, orEqual: false);
        if (high <= low)
            rope.Fault("high_freq_factor", $"above low_freq_factor, {low.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        return new Llama3Scaling
        {
            Factor = rope.Number("factor", 1, 1, 1e6), LowFrequencyFactor = low, HighFrequencyFactor = high,
            OriginalMaxPositions = rope.Integer("original_max_position_embeddings", 1, 1, ConfigLimits.Positions),
        };
    }

    /// <summary>The factor of rope type linear, or 0 where there is no scaling.</summary>
    public static double Linear(ConfigFields fields)
    {
        if (fields.Has(Old) && fields.Has(New))
            fields.Fault(Old, "absent where rope_parameters is there");
        return (fields.Object(New) ?? fields.Object(Old)) is { } rope ? LinearOf(rope) : 0;
    }

    /// <summary>The same of the object itself.</summary>
    public static double LinearOf(ConfigFields rope)
    {
        string type = Type(rope);
        if (type == "default")
            return 0;
        if (type != "linear")
            FaultType(rope, "\"default\" or \"linear\"");
        else if (!rope.Has("factor"))
            rope.Fault("factor", "given with rope type linear");
        double factor = rope.Number("factor", 1, 1, 1e6);
        return factor == 1 ? 0 : factor;
    }

    /// <summary>LongRoPE's fields, or <see langword="null"/> where there is no scaling.</summary>
    /// <param name="rope">The object with them.</param>
    /// <param name="positions">The longest context.</param>
    /// <param name="original">That of pre-training.</param>
    /// <param name="pairs">How many factors each list must have.</param>
    /// <remarks>Phi's older files call the type su or yarn and mean the same; the factor on cosines and sines is that of transformers.</remarks>
    public static LongRopeScaling? LongRope(ConfigFields rope, int positions, int original, int pairs)
    {
        string type = Type(rope);
        if (type == "default")
            return null;
        if (type is not ("longrope" or "su" or "yarn"))
        {
            FaultType(rope, "\"default\" or \"longrope\"");
            return null;
        }
        IReadOnlyList<double> Factors(string key)
        {
            if (rope.Numbers(key) is { } factors && factors.Count == pairs && factors.All(factor => factor > 0))
                return factors;
            rope.Fault(key, $"{pairs} numbers above 0, one for each rotated pair");
            return [.. Enumerable.Repeat(1.0, pairs)];
        }
        double stretch = (double)positions / original;
        double usual = stretch <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(stretch) / Math.Log(original)));
        return new LongRopeScaling
        {
            ShortFactors = Factors("short_factor"), LongFactors = Factors("long_factor"), OriginalMaxPositions = original,
            AttentionFactor = rope.Number("attention_factor", usual, 0, 1e6, orEqual: false),
        };
    }

    private static string Type(ConfigFields rope) => rope.Text("rope_type") ?? rope.Text("type") ?? "default";

    private static void FaultType(ConfigFields rope, string wanted) => rope.Fault(rope.Has("rope_type") ? "rope_type" : "type", wanted);

    private static bool IsNumber(JsonElement value, double wanted) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == wanted;
}
