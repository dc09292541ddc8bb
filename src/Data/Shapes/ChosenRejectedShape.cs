using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>
/// Two fields, the better answer and the worse: each a text, a message list, one message, or a list of answers of which every one of the first is better
/// than every one of the second.
/// </summary>
internal sealed class ChosenRejectedShape(string better, string worse) : AnswerShape
{
    /// <inheritdoc/>
    public override string Name => $"answers in '{better}' and '{worse}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.IsNamed(better) || row.IsNamed(worse);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft, RankingPairs rankings)
    {
        foreach (string side in new[] { better, worse })
        {
            bool isNull = row.IsNamed(side);
            if (row.Peek(side).ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            {
                throw row.At.Fault(BadRowReason.MissingField, side,
                    $"'{side}' is {(isNull ? "null" : "missing")}; a pair has '{better}' and '{worse}', and the row has {row.Names}. The options Prompt, " +
                        "Chosen and Rejected of "
                    + $"{nameof(PreferenceFileOptions)} name other fields.");
            }
        }
        IReadOnlyList<SourceValue> winners = Answers(row, better), losers = Answers(row, worse);
        if (rankings == RankingPairs.BestAgainstWorst)
            (winners, losers) = ([winners[0]], [losers[^1]]);
        foreach (SourceValue winner in winners)
        {
            foreach (SourceValue loser in losers)
                draft.Add(winner, loser);
        }
    }

    private static IReadOnlyList<SourceValue> Answers(SourceRow row, string name)
    {
        JsonElement value = row.Peek(name);
        bool isList = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            && value.EnumerateArray().All(answer => answer.ValueKind == JsonValueKind.String);
        return isList && !row.IsStoredText(name)
            ? [.. row.TakeStored(name).EnumerateArray().Select((answer, i) => SourceValue.Read(answer, $"{name}[{i}]", row.At))]
            : [row.Take(name)];
    }
}
