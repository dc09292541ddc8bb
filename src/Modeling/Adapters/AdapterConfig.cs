namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>What an adapter is, besides its numbers: what <c>adapter_config.json</c> says of it.</summary>
internal sealed record AdapterConfig
{
    /// <summary>The rank of the pairs, where one has no other (<c>r</c>).</summary>
    public required int Rank { get; init; }

    /// <summary>The alpha of the pairs, where one has no other (<c>lora_alpha</c>).</summary>
    public required double Alpha { get; init; }

    /// <summary>The share of A's input that training drops (<c>lora_dropout</c>).</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the scale is alpha over the square root of the rank (<c>use_rslora</c>).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Whether outputs have a magnitude of their own (<c>use_dora</c>).</summary>
    public bool Dora { get; init; }

    /// <summary>The linear layers that have a pair, by the ends of their names (<c>target_modules</c>).</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>What the adapted model is called, if that is known (<c>base_model_name_or_path</c>).</summary>
    public string? BaseModel { get; init; }
}
