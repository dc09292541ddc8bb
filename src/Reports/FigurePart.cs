using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>What evaluations measured on held-out rows, with intervals.</summary>
internal static class FigurePart
{
    private const int MostRows = 24;

    private static readonly (string Name, string Label)[] s_columns =
    [
        (MetricNames.Margin, "margin"), (MetricNames.ChosenReward, "chosen reward"), (MetricNames.RejectedReward, "rejected reward"),
        (MetricNames.RocArea, "ROC area"), (MetricNames.Perplexity, "perplexity"), (MetricNames.KlDivergence, "KL, nats per token"),
        (MetricNames.ResponseLength, "answer tokens"), (MetricNames.Runtime, "seconds"),
    ];

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        (long Step, IReadOnlyDictionary<string, double> Values)[] evaluations =
            [.. run.Measurements.Where(point => point.Values.ContainsKey(Name(MetricNames.Loss)))];
        if (evaluations.Length == 0)
        {
            page.Missing("The run was not evaluated on held-out rows: it had no Validation, or its metrics.jsonl is missing.");
            return;
        }
        double? Value(int i, string name) => evaluations[i].Values.TryGetValue(Name(name), out double value) ? value : null;
        string Accuracy(int i) => ReportNumbers.Percent(Value(i, MetricNames.Accuracy), Value(i, MetricNames.AccuracyLower), Value(i, MetricNames.AccuracyUpper));
        int last = evaluations.Length - 1;
        bool hasAccuracy = Value(last, MetricNames.Accuracy) is not null;
        string change = hasAccuracy ? $"Accuracy went from {Accuracy(0)} to {Accuracy(last)}, and the loss"
            : "The loss";
        page.Paragraph($"{change} from {ReportNumbers.Of(Value(0, MetricNames.Loss))} to {ReportNumbers.Of(Value(last, MetricNames.Loss))} between step "
            + $"{evaluations[0].Step:N0} and step {evaluations[last].Step:N0}.{(hasAccuracy ? " In brackets are 95 % Wilson intervals." : "")}");
        (string Name, string Label)[] columns = [.. s_columns.Where(column => evaluations.Any(point => point.Values.ContainsKey(Name(column.Name))))];
        int[] shown = [.. Enumerable.Range(0, Math.Min(MostRows, evaluations.Length))
            .Select(i => evaluations.Length <= MostRows ? i : (int)((long)i * last / (MostRows - 1)))];
        page.Table(
            ["step", "loss", .. hasAccuracy ? ["accuracy"] : Array.Empty<string>(), .. columns.Select(column => column.Label)],
            shown.Select(i => (IReadOnlyList<string>)
            [
                evaluations[i].Step.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), ReportNumbers.Of(Value(i, MetricNames.Loss)),
                .. hasAccuracy ? [Accuracy(i)] : Array.Empty<string>(), .. columns.Select(column => ReportNumbers.Of(Value(i, column.Name))),
            ]));
        if (shown.Length < evaluations.Length)
            page.Markup("<p class=\"note\">").Plain($"{shown.Length} of {evaluations.Length} evaluations; metrics.jsonl has all.").Markup("</p>\n");
    }

    private static string Name(string metric) => MetricNames.EvaluationPrefix + metric;
}
