using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Records.Charts;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Table and picture of runs that were followed.</summary>
internal sealed class CollapsePage(CollapseResults results)
{
    private readonly CollapseLine[] _lines = [.. CollapseResults.Losses.Select(name => results.Lines.Single(line => line.Loss == name))];

    private const string ThirdStyle = """

        .third { stroke: #1a7f37 } .dot.third { fill: #1a7f37; stroke: none }
        @media (prefers-color-scheme: dark) { .third { stroke: #3fb950 } .dot.third { fill: #3fb950 } }
        """;

    private static readonly string[] s_styles = ["evaluation", "training", "third"];

    /// <summary>What was trained and measured, as a sentence.</summary>
    public string Setting() => string.Create(CultureInfo.InvariantCulture,
        $"{results.TrainingPairs} pairs ({results.Data}), {_lines[0].Points[^1].Step} steps of {results.BatchSize} at a peak rate of " +
        $"{ComparisonPage.Rate(results.Rate)}, measured on {results.HeldOutPairs} pairs of other prompts.");

    /// <summary>Where each run ended.</summary>
    public string Table() => string.Join('\n',
    [
        "| loss | chosen side, nats per token | rejected side | accuracy | lowest that the chosen side was | guards |",
        "|---|---|---|---|---|---|",
        .. _lines.Select(line => string.Create(CultureInfo.InvariantCulture,
            $"| {line.Loss} | {line.Points[^1].Chosen:+0.00;-0.00} | {line.Points[^1].Rejected:+0.00;-0.00} | {line.Points[^1].Accuracy:P1} | " +
            $"{line.Points.Min(point => point.Chosen):+0.00;-0.00;0.00} | {Guards(line)} |")),
    ]);

    /// <summary>What the guard said of the first loss.</summary>
    public string Said() => string.Join("\n\n", _lines[0].Guards.Where(IsCollapse).Select(message => $"> {message}"));

    /// <summary>The curves.</summary>
    public string Picture() => ChartSheet.Draw(
        string.Create(CultureInfo.InvariantCulture, $"{results.HeldOutPairs} held-out pairs, peak rate {ComparisonPage.Rate(results.Rate)}"), "optimizer steps",
        [
            new LineChart { Title = "Chosen side (nats per token)", Series = Lines(point => point.Chosen), Mark = (0, "start"), LeastSpan = 0.1 },
            new LineChart { Title = "Rejected side (nats per token)", Series = Lines(point => point.Rejected), Mark = (0, "start"), LeastSpan = 0.1 },
            new LineChart { Title = "Accuracy (%)", Series = Lines(point => 100 * point.Accuracy), Mark = (50, "chance"), LeastSpan = 10 },
        ], ThirdStyle);

    private ChartSeries[] Lines(Func<CollapsePoint, double> value) => [.. _lines.Select((line, i) => new ChartSeries(
        line.Loss, s_styles[i], [.. line.Points.Select(point => new ChartPoint(point.Step, value(point)))]))];

    private static bool IsCollapse(string guard) => guard.StartsWith("ChosenCollapse", StringComparison.Ordinal);

    private static string Guards(CollapseLine line) => line.Guards.Count == 0 ? "none" : string.Join(", ", line.Guards.Select(guard => guard.Split(':')[0]));
}
