using System.Globalization;

namespace MiniMind.MLNet.Dpo;

/// <summary>What the maximum length took from the rows of a training run, those left out included.</summary>
public sealed record TruncationReport
{
    /// <summary>The side of rows that have one conversation.</summary>
    internal const string Single = "conversation";

    /// <summary>The most tokens that a conversation could keep.</summary>
    public required int MaxLength { get; init; }

    /// <summary>The rows that were read.</summary>
    public required int Rows { get; init; }

    /// <summary>What each side lost.</summary>
    public required IReadOnlyList<SideTruncation> Sides { get; init; }

    /// <summary>The maximum length that leaves 95 of 100 rows whole, in tokens.</summary>
    public required int LengthForMost { get; init; }

    /// <summary>The maximum length that leaves every row whole, in tokens.</summary>
    public required int LengthForAll { get; init; }

    /// <summary>Whether anything was lost that matters: an answer's end, an answer, or a prompt's beginning.</summary>
    public bool LosesAnything => Sides.Any(side => side.LostEnd + side.LostAnswer + side.LostPromptStart > 0);

    /// <inheritdoc />
    public override string ToString() => LosesAnything
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"cut at {MaxLength} tokens: " +
            $"{string.Join("; ", Sides.Where(side => side.LostEnd + side.LostAnswer + side.LostPromptStart > 0).Select(side => side.Describe(Rows)))}; ") +
            Advice
        : string.Create(CultureInfo.InvariantCulture, $"cut at {MaxLength} tokens, nothing of an answer or a prompt is lost in {Rows} rows");

    /// <summary>Which length would lose less.</summary>
    internal string Advice => LengthForMost > MaxLength && LengthForMost < LengthForAll
        ? string.Create(CultureInfo.InvariantCulture, $"MaxLength = {LengthForMost} keeps 95 % of the rows whole, {LengthForAll} all of them")
        : string.Create(CultureInfo.InvariantCulture, $"MaxLength = {LengthForAll} keeps all rows whole");
}
