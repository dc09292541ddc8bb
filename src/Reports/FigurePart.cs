using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>What evaluations measured on held-out rows, with intervals.</summary>
internal static class FigurePart
{
    private const int MostRows = 24;

    private static readonly (string Name, string Label)[] s_columns =
    [
        (MetricNames.Margin, "margin"), (MetricNames.ChosenReward, "chosen"), (MetricNames.RejectedReward, "rejected"),
        (MetricNames.RocArea, "ROC area"), (MetricNames.Perplexity, "perplexity"), (MetricNames.KlDivergence, "KL per token"),
        (MetricNames.ResponseLength, "answer tokens"), (MetricNames.Runtime, "seconds"),
    ];

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        (long Step, IReadOnlyDictionary<string, double> Values)[] evaluations = Evaluations(run);
        if (evaluations.Length == 0)
        {
            page.Missing("The run was not evaluated on held-out rows: it had no Validation, or its metrics.jsonl is missing.");
            return;
        }
        double? Value(int i, string name) => Number(evaluations[i].Values, name);
        int last = evaluations.Length - 1;
        bool hasAccuracy = Value(last, MetricNames.Accuracy) is not null;
        page.Paragraph(Change(run)! + (hasAccuracy ? " In brackets are 95 % Wilson intervals." : ""));
        (string Name, string Label)[] columns = [.. s_columns.Where(column => evaluations.Any(point => point.Values.ContainsKey(Name(column.Name))))];
        int[] shown = [.. Enumerable.Range(0, Math.Min(MostRows, evaluations.Length))
            .Select(i => evaluations.Length <= MostRows ? i : (int)((long)i * last / (MostRows - 1)))];
        page.Table(
            ["step", "loss", .. hasAccuracy ? ["accuracy"] : Array.Empty<string>(), .. columns.Select(column => column.Label)],
            shown.Select(i => (IReadOnlyList<string>)
            [
                ReportNumbers.Count(evaluations[i].Step), ReportNumbers.Of(Value(i, MetricNames.Loss)),
                .. hasAccuracy ? [Accuracy(evaluations[i].Values)] : Array.Empty<string>(),
                .. columns.Select(column => ReportNumbers.Of(Value(i, column.Name))),
            ]));
        if (shown.Length < evaluations.Length)
            page.Markup("<p class=\"note\">").Plain($"{shown.Length} of {evaluations.Length} evaluations; metrics.jsonl has all.").Markup("</p>\n");
    }

    /// <summary>How held-out figures changed, in a sentence; <see langword="null"/> without evaluations.</summary>
    public static string? Change(RunFolder run)
    {
        (long Step, IReadOnlyDictionary<string, double> Values)[] evaluations = Evaluations(run);
        if (evaluations.Length == 0)
            return null;
        ((long Step, IReadOnlyDictionary<string, double> Values) first, (long Step, IReadOnlyDictionary<string, double> Values) last) =
            (evaluations[0], evaluations[^1]);
        string subject = Number(last.Values, MetricNames.Accuracy) is null ? "The held-out loss went"
            : $"Held-out accuracy went from {Accuracy(first.Values)} to {Accuracy(last.Values)}, and the loss";
        return $"{subject} from {ReportNumbers.Of(Number(first.Values, MetricNames.Loss))} to {ReportNumbers.Of(Number(last.Values, MetricNames.Loss))} "
            + $"between step {ReportNumbers.Count(first.Step)} and step {ReportNumbers.Count(last.Step)}.";
    }

    private static (long Step, IReadOnlyDictionary<string, double> Values)[] Evaluations(RunFolder run) =>
        [.. run.Measurements.Where(point => point.Values.ContainsKey(Name(MetricNames.Loss)))];

    private static double? Number(IReadOnlyDictionary<string, double> values, string name) => values.TryGetValue(Name(name), out double value) ? value : null;

    private static string Accuracy(IReadOnlyDictionary<string, double> values) => ReportNumbers.Percent(
        Number(values, MetricNames.Accuracy), Number(values, MetricNames.AccuracyLower), Number(values, MetricNames.AccuracyUpper));

    private static string Name(string metric) => MetricNames.EvaluationPrefix + metric;
}
