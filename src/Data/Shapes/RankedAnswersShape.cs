using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A list of answers that carry their own rank or score, as Nectar's <c>answers</c> and UltraFeedback's <c>completions</c>.</summary>
internal sealed class RankedAnswersShape : AnswerShape
{
    private static readonly string[] s_lists = ["answers", "responses", "completions", "candidates", "samples"];
    private static readonly string[] s_texts = ["answer", "response", "text", "completion", "content", "output"];
    private static readonly string[] s_ranks = ["rank"];
    private static readonly string[] s_scores = ["score", "overall_score", "rating", "reward", "pm_score"];

    /// <inheritdoc/>
    public override string Name => "a list of answers with their ranks or scores";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => Find(row) is not null;

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft, RankingPairs rankings)
    {
        string list = Find(row)!;
        JsonElement answers = row.TakeStored(list);
        JsonElement first = answers[0];
        string text = s_texts.First(key => first.TryGetProperty(key, out _)), measure = s_ranks.Concat(s_scores).First(key => first.TryGetProperty(key, out _));
        if (answers.GetArrayLength() < 2)
            throw row.At.Fault(BadRowReason.MissingField, list, $"'{list}' has one answer; a ranking needs two at least.");
        int sign = s_ranks.Contains(measure) ? -1 : 1;
        IEnumerable<(SourceValue, double)> ranked = answers.EnumerateArray().Select((answer, i) =>
            (Answer(answer, text, $"{list}[{i}]", row.At), sign * Measure(answer, measure, $"{list}[{i}].{measure}", row.At)));
        Ranking.AddPairs([.. ranked], rankings, draft);
    }

    private static string? Find(SourceRow row) => s_lists.FirstOrDefault(list => row.HasList(list)
        && row.Peek(list)[0] is { ValueKind: JsonValueKind.Object } first
        && s_texts.Any(key => first.TryGetProperty(key, out _)) && s_ranks.Concat(s_scores).Any(key => first.TryGetProperty(key, out _)));

    private static SourceValue Answer(JsonElement answer, string key, string name, LineLocation at) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(key, out JsonElement text)
            ? SourceValue.Read(text, $"{name}.{key}", at)
            : throw at.Fault(BadRowReason.MissingField, $"{name}.{key}", $"'{name}' has no '{key}', which the first of the answers has.");

    private static double Measure(JsonElement answer, string key, string name, LineLocation at) =>
        answer.TryGetProperty(key, out JsonElement value) && Numbers.Read(value) is { } number
            ? number
            : throw at.Fault(BadRowReason.WrongType, name, $"'{name}' is no number; every answer of a ranking needs one.");
}
