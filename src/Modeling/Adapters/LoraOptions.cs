using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;

namespace MiniMind.MLNet.Dpo;

/// <summary>What a low-rank adapter is to be like that is trained in place of the model's own weights (Hu et al. 2021, arXiv 2106.09685).</summary>
/// <remarks>
/// The model stays as it is, and is in memory once: the reference is the same weights with the adapter off.
/// Set the learning rate about ten times as high as for all weights.
/// </remarks>
public sealed record LoraOptions
{
    /// <summary>Training goes on with the adapter that the model has; what it is like is known, and the reference is the model with that adapter as it is
    /// now.</summary>
    public static LoraOptions Continue { get; } = new() { ContinuesExisting = true };

    /// <summary>The rank of the matrices that are trained (<c>r</c>); TRL's 16 by default.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>What their product is scaled by, times <see cref="Rank"/> (<c>lora_alpha</c>); TRL's 32 by default.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>The share of their inputs that training drops (<c>lora_dropout</c>).</summary>
    public double Dropout { get; init; }

    /// <summary>Which linear layers get them.</summary>
    public LoraTargets Targets { get; init; } = LoraTargets.AllLinear;

    /// <summary>Whether the product is scaled by alpha over the square root of the rank, not over the rank (Kalajdzievski 2023, arXiv 2312.03732), so that high
    /// ranks learn as fast.</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Whether the length of each output's weights is trained by itself (DoRA, Liu et al. 2024, arXiv 2402.09353): a third product in the backward
    /// pass, and a matrix norm in each step.</summary>
    public bool Dora { get; init; }

    /// <summary>The decoder layers that get them, counted from 0; <see langword="null"/> for all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>How the model's own weights are kept, for policy and reference alike. Other formats than <see cref="FrozenFormat.Float32"/> change what the
    /// model computes; by how much is measured and logged.</summary>
    public FrozenFormat BaseFormat { get; init; } = FrozenFormat.Float32;

    /// <summary>Whether a model file that ML.NET saves holds the model's own weights too; without, it has their hash, and is loaded with
    /// <c>mlContext.Preferences.LoadModel(path, baseModel)</c>.</summary>
    public bool EmbedBase { get; init; } = true;

    /// <summary>Whether training goes on with the adapter that the model has; see <see cref="Continue"/>.</summary>
    public bool ContinuesExisting { get; init; }

    /// <summary>What is wrong with the options for a model.</summary>
    internal IEnumerable<string> Faults(ModelConfig config)
    {
        if (ContinuesExisting)
        {
            LoraOptions plain = new() { ContinuesExisting = true, BaseFormat = BaseFormat, EmbedBase = EmbedBase };
            if (this != plain)
            {
                yield return $"{nameof(ContinuesExisting)} goes on with the adapter that the model has; of the other options only {nameof(EmbedBase)} can " +
                    $"be set with it";
            }

            if (BaseFormat != FrozenFormat.Float32)
                yield return $"{nameof(BaseFormat)} is {BaseFormat}, but an adapter that is continued was trained on weights in the format that the model has";
            yield break;
        }
        if (Rank < 1)
            yield return $"{nameof(Rank)} is {Rank}; it must be at least 1";
        if (!(Alpha > 0 && double.IsFinite(Alpha)))
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Alpha)} is {Alpha}; it must be above 0");
        if (!(Dropout is >= 0 and < 1))
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Dropout)} is {Dropout}; it must be in [0, 1)");
        if (!Enum.IsDefined(BaseFormat))
            yield return $"{nameof(BaseFormat)} is {(int)BaseFormat}; it can be {string.Join(", ", Enum.GetNames<FrozenFormat>())}";
        foreach (string fault in (Targets is null ? [$"{nameof(Targets)} is not set"] : TargetFaults(config)).Concat(LayerFaults(config)))
            yield return fault;
    }

    /// <summary>What the adapter is to be.</summary>
    /// <param name="baseModel">What the adapted model is called.</param>
    internal AdapterConfig Config(string? baseModel) => new()
    {
        Rank = Rank, Alpha = Alpha, Dropout = Dropout, RankStabilized = RankStabilized, Dora = Dora, Targets = Targets.Names, BaseModel = baseModel,
    };

    /// <summary>The names of the linear layers of a network that get matrices.</summary>
    internal IReadOnlySet<string> Modules(MiniMindNetwork network) => network.Linears.Select(linear => linear.Key).Where(name =>
        Targets.Names.Any(target => TargetNames.Ends(name, target)) && (Layers is null || Layers.Contains(TargetNames.LayerOf(name)))).ToHashSet();

    private IEnumerable<string> TargetFaults(ModelConfig config)
    {
        if (Targets.Names.Count == 0)
            yield return $"{nameof(Targets)} names no linear layer";
        string[] known = config.Experts is null ? [.. LoraTargets.AllLinear.Names] : [.. LoraTargets.AllLinear.Names, "gate"];
        foreach (string name in Targets.Names.Where(name => !known.Contains(name)))
            yield return $"{nameof(Targets)} has '{name}'{TargetNames.Reason(name)}; it can have {string.Join(", ", known)}";
        foreach (IGrouping<string, string> twice in Targets.Names.GroupBy(name => name).Where(group => group.Count() > 1))
            yield return $"{nameof(Targets)} has '{twice.Key}' twice";
    }

    private IEnumerable<string> LayerFaults(ModelConfig config)
    {
        if (Layers is null)
            yield break;
        if (Layers.Count == 0)
            yield return $"{nameof(Layers)} names no decoder layer; leave it out for all";
        foreach (int layer in Layers.Where(layer => layer < 0 || layer >= config.LayerCount))
            yield return $"{nameof(Layers)} has {layer}; the model's are 0 to {config.LayerCount - 1}";
        foreach (IGrouping<int, int> twice in Layers.GroupBy(layer => layer).Where(group => group.Count() > 1))
            yield return $"{nameof(Layers)} has {twice.Key} twice";
    }
}
