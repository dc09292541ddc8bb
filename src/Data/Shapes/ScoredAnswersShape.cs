using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A list of answers and, beside it, a list of their scores (the higher the better) or ranks (the lower).</summary>
internal sealed class ScoredAnswersShape : AnswerShape
{
    private static readonly string[] s_lists = ["responses", "answers", "completions", "generations", "candidates"];
    private static readonly string[] s_scores = ["scores", "ratings", "rewards", "rating"];
    private static readonly string[] s_ranks = ["ranks", "rank", "ranking"];

    /// <inheritdoc/>
    public override string Name => "a list of answers with a list of their scores or ranks";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => s_lists.Any(list => HasTexts(row, list)) && s_scores.Concat(s_ranks).Any(row.HasList);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft, RankingPairs rankings)
    {
        string list = s_lists.First(name => HasTexts(row, name)), measure = s_scores.Concat(s_ranks).First(row.HasList);
        JsonElement[] answers = [.. row.TakeStored(list).EnumerateArray()], measures = [.. row.TakeStored(measure).EnumerateArray()];
        if (answers.Length < 2 || answers.Length != measures.Length)
        {
            throw row.At.Fault(BadRowReason.WrongType, measure,
                $"'{list}' has {answers.Length} answers and '{measure}' {measures.Length} values; a ranking needs two answers at least and a value for each.");
        }

        int sign = s_ranks.Contains(measure) ? -1 : 1;
        IEnumerable<(SourceValue, double)> ranked = answers.Zip(measures).Select((pair, i) =>
            (SourceValue.Read(pair.First, $"{list}[{i}]", row.At), sign * Measure(pair.Second, $"{measure}[{i}]", row.At)));
        Ranking.AddPairs([.. ranked], rankings, draft);
    }

    private static bool HasTexts(SourceRow row, string list) =>
        row.HasList(list) && row.Peek(list).EnumerateArray().All(answer => answer.ValueKind == JsonValueKind.String);

    private static double Measure(JsonElement value, string name, LineLocation at) =>
        Numbers.Read(value) ?? throw at.Fault(BadRowReason.WrongType, name, $"'{name}' is no number; every answer of a ranking needs one.");
}
