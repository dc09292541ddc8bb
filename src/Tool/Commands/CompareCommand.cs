using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo compare</c>: two runs beside one another.</summary>
internal sealed class CompareCommand : ToolCommand
{
    private const int CurveWidth = 60, CurveIndentation = 24;
    private const string Missing = "-";
    private const double LeastChance = 0.001;

    private static readonly string[] s_curves = [MetricNames.Loss, MetricNames.Margin, MetricNames.Accuracy];

    // what says where a run lies, not what it is
    private static readonly string[] s_places = ["output", "checkpoints.folder", "run-directory.folder"];

    /// <inheritdoc />
    public override Command Create(Func<ParseResult, ToolConsole> consoleOf)
    {
        Argument<string> first = new("run") { Description = "the folder of a run, as 'train' writes it" };
        Argument<string> second = new("other") { Description = "the folder of another run" };
        Command command = new("compare", "Compares two runs: options, curves, and held-out figures with a paired test.") { first, second };
        command.SetAction(parsed =>
        {
            ToolConsole console = consoleOf(parsed);
            Compare(RunRecords.Of(parsed.GetRequiredValue(first)), RunRecords.Of(parsed.GetRequiredValue(second)), console);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Compare(RunRecords first, RunRecords second, ToolConsole console)
    {
        console.Line($"A  {first.Folder.Path}  {first.Status}, {first.Steps} steps");
        console.Line($"B  {second.Folder.Path}  {second.Status}, {second.Steps} steps");
        string Same(string? a, string? b) => a is null || b is null ? "not known" : a == b ? "the same" : "others";
        console.Line($"rows trained on: {Same(first.Data, second.Data)}; weights at the start: {Same(first.Beginning, second.Beginning)}");
        ShowOptions(first, second, console);
        ShowCurves(first, second, console);
        ShowHeldOut(first, second, console);
        ShowPairs(first, second, console);
    }

    private static void ShowOptions(RunRecords first, RunRecords second, ToolConsole console)
    {
        IReadOnlyDictionary<string, string> a = first.Options, b = second.Options;
        string[] differing = [.. a.Keys.Union(b.Keys).Where(key => !s_places.Contains(key) && a.GetValueOrDefault(key) != b.GetValueOrDefault(key))];
        console.Line();
        console.Line(differing.Length == 0 ? "Options: all are the same" : "Options that differ");
        foreach (string line in AlignedText.Lines(differing.Length == 0 ? []
            : [["", "A", "B"], .. differing.Select(key => new[] { key, a.GetValueOrDefault(key) ?? Missing, b.GetValueOrDefault(key) ?? Missing })]))
        {
            console.Line(line);
        }
        console.Event("options", new JsonObject(differing.Select(key => KeyValuePair.Create(
            key, (JsonNode?)new JsonObject { ["a"] = a.GetValueOrDefault(key), ["b"] = b.GetValueOrDefault(key) }))));
    }

    private static void ShowCurves(RunRecords first, RunRecords second, ToolConsole console)
    {
        console.Line();
        console.Line("Curves");
        foreach (string metric in s_curves)
        {
            IReadOnlyList<double> a = first.Curve(metric), b = second.Curve(metric);
            double[] all = [.. a.Concat(b).Where(double.IsFinite)];
            if (all.Length == 0)
                continue;
            (double, double) range = (all.Min(), all.Max());
            int width = Math.Clamp(console.Screen.Profile.Width - CurveIndentation - 12, 10, CurveWidth);
            foreach ((string run, IReadOnlyList<double> curve) in new[] { ("A", a), ("B", b) })
            {
                string last = curve.Count == 0 ? "none" : Words.Number(curve[^1]);
                console.Line($"  {metric,-20} {run} {Sparkline.Of(curve, width, range)} {last}");
            }
            console.Event("curve", new JsonObject { ["metric"] = metric, ["a"] = Array(a), ["b"] = Array(b) });
        }
    }

    private static void ShowHeldOut(RunRecords first, RunRecords second, ToolConsole console)
    {
        (string Name, string Metric)[] figures =
        [
            ("loss", MetricNames.Loss), ("accuracy", MetricNames.Accuracy), ("good above bad", MetricNames.RocArea), ("reward margin", MetricNames.Margin),
            ("chosen reward", MetricNames.ChosenReward), ("rejected reward", MetricNames.RejectedReward), ("KL from reference", MetricNames.KlDivergence),
            ("perplexity", MetricNames.Perplexity),
        ];
        string[][] rows = [.. figures.Select(figure => new[] { figure.Name, Figure(first, figure.Metric), Figure(second, figure.Metric) })
            .Where(row => row[1] != Missing || row[2] != Missing)];
        console.Line();
        console.Line(rows.Length == 0 ? "Held-out figures: neither run has any; give 'held-out' or 'test-fraction' to 'train'" : "Held-out figures");
        foreach (string line in AlignedText.Lines(rows.Length == 0 ? [] : [["", "A", "B"], .. rows]))
            console.Line(line);
        console.Event("held_out", new JsonObject(figures.Select(figure => KeyValuePair.Create(figure.Metric, (JsonNode?)new JsonObject
        {
            ["a"] = first.Metric(MetricNames.EvaluationPrefix + figure.Metric), ["b"] = second.Metric(MetricNames.EvaluationPrefix + figure.Metric),
        }))));
    }

    private static void ShowPairs(RunRecords first, RunRecords second, ToolConsole console)
    {
        console.Line();
        RunRecords[] without = [.. new[] { first, second }.Where(run => !File.Exists(run.Folder.HeldOut))];
        if (without.Length > 0)
        {
            string folders = string.Join(" and ", without.Select(run => run.Folder.Path));
            Tell(console, $"No paired test: {folders} has no {Path.GetFileName(first.Folder.HeldOut)}, which 'train' writes where pairs are held out.");
            return;
        }
        (PairScoreRows a, string reduction) = PairScoreRows.Load(first.Folder.HeldOut);
        (PairScoreRows b, string other) = PairScoreRows.Load(second.Folder.HeldOut);
        if (reduction != other)
        {
            Tell(console, $"No paired test: A's log-probabilities are reduced by {reduction}, B's by {other}, so that their margins are of different kinds.");
            return;
        }
        if (PairedTest.Of(a, b) is not { } test)
        {
            Tell(console, $"No paired test: none of A's {a.Rows.Count} held-out pairs is one of B's {b.Rows.Count}.");
            return;
        }
        console.Line($"Paired, on {Words.Count(test.Pairs, "held-out pair")} of both"
            + (test.Pairs == a.Rows.Count && test.Pairs == b.Rows.Count ? "" : $" (A has {a.Rows.Count}, B {b.Rows.Count})"));
        string mean = Signed(test.Difference.Mean), low = Signed(test.Difference.Low), high = Signed(test.Difference.High);
        console.Line(string.Create(CultureInfo.InvariantCulture, $"""
              log-prob margin, B - A   {mean} nats ({low} to {high}), {Chance(test.MeanChance)}
              likelier answer chosen   only in A {test.FirstOnly}, only in B {test.SecondOnly}, {Chance(test.ShareChance)}
            """));
        console.Event("paired", new JsonObject
        {
            ["pairs"] = test.Pairs, ["difference"] = test.Difference.Mean, ["interval"] = new JsonArray(test.Difference.Low, test.Difference.High),
            ["p"] = test.MeanChance, ["only_a"] = test.FirstOnly, ["only_b"] = test.SecondOnly, ["p_right"] = test.ShareChance,
        });
    }

    private static void Tell(ToolConsole console, string what)
    {
        console.Line(what);
        console.Event("not_paired", new JsonObject { ["reason"] = what });
    }

    private static string Figure(RunRecords run, string metric)
    {
        if (run.Metric(MetricNames.EvaluationPrefix + metric) is not { } value)
            return Missing;
        if (metric != MetricNames.Accuracy)
            return Words.Number(value);
        return run.Metric(MetricNames.EvaluationPrefix + MetricNames.AccuracyLower) is { } low
            && run.Metric(MetricNames.EvaluationPrefix + MetricNames.AccuracyUpper) is { } high
            ? $"{Words.Percent(value)} ({Words.Percent(low)} to {Words.Percent(high)})" : Words.Percent(value);
    }

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;+0.0000", CultureInfo.InvariantCulture);

    private static string Chance(double chance) => chance < LeastChance
        ? FormattableString.Invariant($"p < {LeastChance}") : FormattableString.Invariant($"p = {chance:0.000}");

    private static JsonArray Array(IReadOnlyList<double> values) => new([.. values.Select(value => (JsonNode)value)]);
}
