namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Two answers in fields of their own, and a verdict beside them.</summary>
internal sealed class VerdictShape(string first, string second, Verdict verdict) : AnswerShape
{
    /// <inheritdoc/>
    public override string Name => $"answers in '{first}' and '{second}', the better by '{string.Join("' and '", verdict.Fields)}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.IsNamed(first) && row.IsNamed(second) && verdict.Fields.All(row.IsNamed);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft, RankingPairs rankings)
    {
        string given = string.Join(" and ", verdict.Fields.Select(field => Excerpt.Of(row.Peek(field).GetRawText())));
        SourceValue one = row.Take(first), two = row.Take(second);
        double preference = verdict.Read(row)
            ?? throw row.At.Fault(BadRowReason.WrongType, verdict.Fields[0],
                $"'{string.Join("' and '", verdict.Fields)}' is {given}; it must be {verdict.Right}.");
        if (preference == 0)
            draft.AddTie();
        else if (preference > 0)
            draft.Add(one, two);
        else
            draft.Add(two, one);
    }
}
