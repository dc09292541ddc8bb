namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>What an adapter is, besides its numbers: what <c>adapter_config.json</c> says of it.</summary>
internal sealed record AdapterConfig
{
    /// <summary>The rank of every pair that <see cref="RankPattern"/> does not name (<c>r</c>).</summary>
    public required int Rank { get; init; }

    /// <summary>The alpha of every pair that <see cref="AlphaPattern"/> does not name (<c>lora_alpha</c>).</summary>
    public required double Alpha { get; init; }

    /// <summary>The share of A's input that training drops (<c>lora_dropout</c>).</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the scale is alpha over the square root of the rank (<c>use_rslora</c>).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Whether outputs have a magnitude of their own (<c>use_dora</c>).</summary>
    public bool Dora { get; init; }

    /// <summary>The linear layers that have a pair, by the ends of their names (<c>target_modules</c>).</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Ranks of single layers by their names (<c>rank_pattern</c>).</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Alphas of single layers by their names (<c>alpha_pattern</c>).</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <summary>What the adapted model is called, if that is known (<c>base_model_name_or_path</c>).</summary>
    public string? BaseModel { get; init; }
}
