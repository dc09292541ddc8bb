namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How a file of preference pairs is read.</summary>
public sealed class PreferenceFileOptions : JsonlFileOptions
{
    /// <summary>Name of the text column with the preferred conversation.</summary>
    public string ChosenColumnName { get; init; } = ColumnNames.Chosen;

    /// <summary>Name of the text column with the conversation that lost.</summary>
    public string RejectedColumnName { get; init; } = ColumnNames.Rejected;

    /// <summary>Name of the row's field with the preferred answer or conversation; null (the default) for the known names.</summary>
    public string? Chosen { get; init; }

    /// <summary>Name of the row's field with the answer or conversation that lost; null (the default) for the known names.</summary>
    public string? Rejected { get; init; }

    /// <summary>
    /// Name of the row's field that says how much the pair counts, a number of at least 0; null (the default) for none. It becomes the column
    /// <see cref="ColumnNames.Weight"/>, a single, which trainers and evaluations use.
    /// </summary>
    /// <remarks>A row with a number other than 1 in a field of such a name (<c>weight</c>, <c>sample_weight</c>) is refused where this names no
    /// field.</remarks>
    public string? Weight { get; init; }

    /// <summary>
    /// Name of the row's field that says how far the answers are apart, a number; null (the default) for none. It becomes the column
    /// <see cref="ColumnNames.Margin"/>, a single, for <see cref="PreferenceMargin"/>.
    /// </summary>
    public string? Margin { get; init; }

    /// <summary>
    /// Name of the row's field with the preferred answer's score, a number; null (the default) for none. With <see cref="RejectedScore"/> it gives the column
    /// <see cref="ColumnNames.Margin"/>: their difference.
    /// </summary>
    public string? ChosenScore { get; init; }

    /// <summary>Name of the row's field with the score of the answer that lost; goes with <see cref="ChosenScore"/>.</summary>
    public string? RejectedScore { get; init; }

    /// <summary>Which pairs a row with a ranking of several answers gives; by default every better answer against every worse one.</summary>
    public RankingPairs Rankings { get; init; } = RankingPairs.EveryPair;

    /// <inheritdoc/>
    internal override IEnumerable<(string Option, string? Field)> MappedFields =>
        [.. base.MappedFields, (nameof(Chosen), Chosen), (nameof(Rejected), Rejected)];

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ChosenColumnName, RejectedColumnName];

    /// <inheritdoc/>
    internal override IReadOnlyList<NumberField> NumberFields =>
    [
        .. Weight is null ? [] : new[] { new NumberField(ColumnNames.Weight, nameof(Weight), Weight) { Least = 0 } },
        .. Margin is null ? [] : new[] { new NumberField(ColumnNames.Margin, nameof(Margin), Margin) },
        .. ChosenScore is null || RejectedScore is null ? []
            : new[] { new NumberField(ColumnNames.Margin, nameof(ChosenScore), ChosenScore) { Less = (nameof(RejectedScore), RejectedScore) } },
    ];

    private protected override IEnumerable<string> MappingFaults()
    {
        foreach (string fault in base.MappingFaults())
            yield return fault;
        if (!Enum.IsDefined(Rankings))
        {
            yield return $"{nameof(Rankings)} is {(int)Rankings}; it can be {RankingPairs.EveryPair} "
            + $"or {RankingPairs.BestAgainstWorst}";
        }

        if (ChosenScore is null != RejectedScore is null)
        {
            yield return $"{(ChosenScore is null ? nameof(RejectedScore) : nameof(ChosenScore))} is set "
            + $"without the other side's score";
        }

        if (Margin is not null && (ChosenScore ?? RejectedScore) is not null)
        {
            yield return $"{nameof(Margin)} and the scores both give the column "
            + $"'{ColumnNames.Margin}'; name one or the others";
        }
    }
}
