using System.Text;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Records.Charts;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The curves of a run: loss, reward margin and accuracy over the steps, on the training data and on evaluations.</summary>
internal sealed class TrainingCurves
{
    public const string FileName = "curves.svg";

    private readonly Dictionary<string, List<ChartPoint>> _points = [];

    /// <summary>The loss of a preference run.</summary>
    public PreferenceObjective? Objective { get; set; }

    /// <summary>Adds a measurement.</summary>
    public void Add(long step, IReadOnlyDictionary<string, double> values)
    {
        foreach ((string name, double value) in values)
        {
            if (!_points.TryGetValue(name, out List<ChartPoint>? points))
                _points[name] = points = [];
            points.Add(new ChartPoint(step, value));
        }
    }

    /// <summary>The picture of what was measured so far, as an SVG file.</summary>
    public byte[] Draw(string title)
    {
        bool preferences = _points.ContainsKey(MetricNames.Margin) || _points.ContainsKey(MetricNames.EvaluationPrefix + MetricNames.Margin);
        bool feedback = _points.ContainsKey(MetricNames.GoodShare) || _points.ContainsKey(MetricNames.EvaluationPrefix + MetricNames.GoodShare);
        LineChart[] charts = feedback ? Feedback() : preferences
            ?
            [
                new()
                {
                    Title = $"Loss ({Objective?.Loss.Unit ?? "nats"} per pair)", Series = Lines(MetricNames.Loss), Mark = StartMark(), LeastSpan = 0.01,
                },
                new()
                {
                    Title = "Reward margin (beta x nats)", Series = Lines(MetricNames.Margin), Mark = (0, "0: no preference"), LeastSpan = 0.01,
                },
                new()
                {
                    Title = "Accuracy (% of pairs with margin > 0, ties half)", Series = Lines(MetricNames.Accuracy, factor: 100), Mark = (50, "50: chance"),
                        Range = (0, 100),
                },
            ]
            : [new() { Title = "Loss (nats per token)", Series = Lines(MetricNames.Loss), LeastSpan = 0.01 }];
        return Encoding.UTF8.GetBytes(ChartSheet.Draw(title, "optimizer steps", charts));
    }

    private LineChart[] Feedback()
    {
        List<LineChart> charts =
        [
            new() { Title = "Loss (per answer)", Series = Lines(MetricNames.Loss), LeastSpan = 0.01 },
            new()
            {
                Title = "Reward of good minus reward of bad answers (beta x nats)", Series = Lines(MetricNames.Margin), Mark = (0, "0: no preference"),
                LeastSpan = 0.01,
            },
            new()
            {
                Title = "Accuracy (% of rewards with the sign of their label, 0 half)", Series = Lines(MetricNames.Accuracy, factor: 100),
                Mark = (50, "50: chance"), Range = (0, 100),
            },
        ];
        ChartSeries[] baseline = Lines(MetricNames.Baseline);
        if (baseline.Length > 0)
            charts.Add(new() { Title = "Baseline z (nats)", Series = baseline, LeastSpan = 0.01 });
        return [.. charts];
    }

    private (double, string)? StartMark() => Objective?.Start() is { } start ? (start.Value, $"{start.Name}: no preference") : null;

    private ChartSeries[] Lines(string name, double factor = 1)
    {
        List<ChartSeries> lines = [];
        foreach ((string label, string style, string key) in new[] { ("training", "training", name),
            ("evaluation", "evaluation", MetricNames.EvaluationPrefix + name) })
        {
            if (_points.TryGetValue(key, out List<ChartPoint>? points))
                lines.Add(new ChartSeries(label, style, [.. points.Select(point => point with { Y = point.Y * factor })]));
        }
        return [.. lines];
    }
}
