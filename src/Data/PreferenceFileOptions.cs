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

    /// <summary>Which pairs a row with a ranking of several answers gives; by default every better answer against every worse one.</summary>
    public RankingPairs Rankings { get; init; } = RankingPairs.EveryPair;

    /// <inheritdoc/>
    internal override IEnumerable<(string Option, string? Field)> MappedFields =>
        [.. base.MappedFields, (nameof(Chosen), Chosen), (nameof(Rejected), Rejected)];

    /// <inheritdoc/>
    internal override IReadOnlyList<string> ConversationColumnNames => [ChosenColumnName, RejectedColumnName];

    private protected override IEnumerable<string> MappingFaults() => Enum.IsDefined(Rankings)
        ? base.MappingFaults()
        : [.. base.MappingFaults(), $"{nameof(Rankings)} is {(int)Rankings}; it can be {RankingPairs.EveryPair} or {RankingPairs.BestAgainstWorst}"];
}
