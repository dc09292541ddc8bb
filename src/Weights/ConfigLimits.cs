using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>
/// The largest numbers that a configuration may have: above every model of these architectures, below what would exhaust a machine by a number alone.
/// </summary>
internal static class ConfigLimits
{
    /// <summary>Entries of a vocabulary.</summary>
    public const int Vocabulary = 1 << 22;

    /// <summary>Width of a layer.</summary>
    public const int Width = 1 << 20;

    /// <summary>Number of layers.</summary>
    public const int Layers = 4096;

    /// <summary>Heads, and width of a head.</summary>
    public const int Heads = 1 << 14;

    /// <summary>Positions.</summary>
    public const int Positions = 1 << 24;

    /// <summary>Experts per layer.</summary>
    public const int Experts = 4096;

    private const double Parameters = 1e12;
    private const long Matrices = 200_000;

    /// <summary>Adds faults of numbers that fit alone but not together.</summary>
    public static void CheckTogether(ModelConfig config, List<string> faults)
    {
        if (config.HeadCount % config.KeyValueHeadCount != 0)
            faults.Add($"'num_attention_heads' {config.HeadCount} is not a multiple of 'num_key_value_heads' {config.KeyValueHeadCount}");
        if (config.HeadDim < 2 || config.HeadDim % 2 != 0)
            faults.Add($"'head_dim' is {config.HeadDim}; the rotary embedding needs an even number of at least 2");
        int experts = (config.Experts?.Count ?? 1) + (config.Experts?.SharedCount ?? 0);
        if (config.Experts is { } moe && moe.PerToken > moe.Count)
            faults.Add($"'num_experts_per_tok' {moe.PerToken} is more than 'num_experts' {moe.Count}");
        double hidden = config.HiddenSize;
        double layer = (hidden * config.HeadDim * 2 * ((double)config.HeadCount + config.KeyValueHeadCount))
            + (3 * hidden * experts * (config.Experts?.IntermediateSize ?? config.IntermediateSize));
        double total = (hidden * config.VocabularySize * (config.TieWordEmbeddings ? 1 : 2)) + (layer * config.LayerCount);
        if (total > Parameters)
            faults.Add($"the sizes together make {total:G3} parameters; at most {Parameters:G3} are allowed");
        if ((long)experts * config.LayerCount * 3 > Matrices)
            faults.Add($"{config.LayerCount} layers of {experts} experts make more than {Matrices} matrices");
    }
}
