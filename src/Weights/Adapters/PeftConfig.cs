using MiniMind.MLNet.Dpo.Modeling.Adapters;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>What an <c>adapter_config.json</c> of PEFT says.</summary>
/// <param name="Config">What it says of the whole adapter.</param>
/// <param name="Ranks">Ranks of single layers by patterns of their names (<c>rank_pattern</c>).</param>
/// <param name="Alphas">Alphas of single layers by patterns of their names (<c>alpha_pattern</c>).</param>
/// <param name="Target">The pattern that all names of adapted layers fit, where <c>target_modules</c> is one; <see langword="null"/> where it is a
/// list.</param>
/// <param name="Layers">The decoder layers that are adapted (<c>layers_to_transform</c>); <see langword="null"/> for all.</param>
internal sealed record PeftConfig(
    AdapterConfig Config, IReadOnlyList<KeyValuePair<NamePattern, double>> Ranks, IReadOnlyList<KeyValuePair<NamePattern, double>> Alphas, NamePattern? Target,
        IReadOnlyList<int>? Layers)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>The rank that a layer's matrices must have.</summary>
    public int RankOf(string module) => (int)(Find(Ranks, module) ?? Config.Rank);

    /// <summary>The alpha of a layer.</summary>
    public double AlphaOf(string module) => Find(Alphas, module) ?? Config.Alpha;

    /// <summary>Whether a layer is one of those that the file names.</summary>
    public bool IsTarget(string module) =>
        (Target?.Fits(module) ?? Config.Targets.Any(target => TargetNames.Ends(module, target)))
            && (Layers is null || Layers.Contains(TargetNames.LayerOf(module)));

    // as PEFT takes them: the first pattern that a name, or its end behind a dot, fits
    private static double? Find(IReadOnlyList<KeyValuePair<NamePattern, double>> patterns, string module)
    {
        foreach ((NamePattern pattern, double value) in patterns)
        {
            if (pattern.Fits(module))
                return value;
        }
        return null;
    }
}
