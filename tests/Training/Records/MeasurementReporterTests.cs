using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>Speeds, shares and what is left, of runs whose times are written down.</summary>
public sealed class MeasurementReporterTests
{
    [Fact]
    public void Measured_PointsOfAFreshRun_GiveSpeedsOfTheTimeBetweenThem()
    {
        Sink sink = new();
        MeasurementReporter reporter = new([sink]);
        TrainingState state = State();

        reporter.Started(state);
        reporter.Measured(state, Point(2, seconds: 4, examples: 8, tokens: 1000, rows: 2000));
        reporter.Measured(state, Point(4, seconds: 6, examples: 8, tokens: 900, rows: 900));

        sink.Get(MetricNames.TokensPerSecond).Should().Equal(250, 450);
        sink.Get(MetricNames.SamplesPerSecond).Should().Equal(2, 4);
        sink.Get(MetricNames.TokenCount).Should().Equal(1000, 1900);
        sink.Get(MetricNames.PaddingShare).Should().Equal(0.5, 0);
        sink.Written.Select(written => (written.Step, written.Elapsed.TotalSeconds)).Should().Equal((2, 4), (4, 6));
    }

    [Fact]
    public void Measured_ResumedRun_CountsNeitherEarlierTimeNorForgetsEarlierTokens()
    {
        Sink sink = new();
        MeasurementReporter reporter = new([sink]);
        TrainingState state = State(earlierSeconds: 100);
        state.History.Add(Point(1, seconds: 50, examples: 4, tokens: 700, rows: 700));
        state.History.Add(Point(2, seconds: 100, examples: 4, tokens: 300, rows: 300));

        reporter.Started(state);
        reporter.Measured(state, Point(3, seconds: 102, examples: 6, tokens: 500, rows: 500));

        sink.Get(MetricNames.TokensPerSecond).Should().Equal(250);
        sink.Get(MetricNames.SamplesPerSecond).Should().Equal(3);
        sink.Get(MetricNames.TokenCount).Should().Equal(1500);
    }

    [Fact]
    public void Measured_SharedPrompts_AreNoPaddingBelowNothing()
    {
        Sink sink = new();
        MeasurementReporter reporter = new([sink]);
        reporter.Started(State());

        reporter.Measured(State(), Point(1, seconds: 1, examples: 2, tokens: 100, rows: 60));

        sink.Get(MetricNames.PaddingShare).Should().Equal(0);
    }

    [Fact]
    public void Progress_Points_SaySpeedsAndWhatIsLeft()
    {
        List<DpoProgress> reports = [];
        using IChannel channel = ((IChannelProvider)new MLContext()).Start("test");
        ProgressReporter reporter = new(new Reports(reports.Add), channel);
        TrainingState state = State(earlierSeconds: 100, step: 10, totalSteps: 20);

        reporter.Started(state);
        reporter.Measured(state, Point(12, seconds: 104, examples: 8, tokens: 1000, rows: 2000));
        reporter.Measured(state, Point(14, seconds: 110, examples: 8, tokens: 900, rows: 900));

        reports.Select(report => (report.TokensPerSecond, report.ExamplesPerSecond)).Should().Equal((250, 2), (150, 8.0 / 6));
        reports.Select(report => report.PaddingShare).Should().Equal(0.5, 0);
        reports.Select(report => report.Remaining.TotalSeconds).Should().Equal(
            [16, 15], "two steps took four seconds and eight are left; then four took ten and six are left: what went before the resumption does not count");
        reports.Select(report => (report.Step, report.TotalSteps)).Should().Equal((12, 20), (14, 20));
    }

    private static TrainingState State(double earlierSeconds = 0, long step = 0, long totalSteps = 9) => new()
    {
        Network = null!, Parameters = null!, Optimizer = null!, Task = null!, // not asked for
        EarlierTime = TimeSpan.FromSeconds(earlierSeconds), Step = step, TotalSteps = totalSteps,
    };

    private static TrainingPoint Point(long step, double seconds, long examples, long tokens, long rows) => new(
        step, 0.5, 1e-3, 1, new Dictionary<string, double> { [MetricNames.Loss] = 0.6 }, examples, tokens, rows, 0, TimeSpan.FromSeconds(seconds));

    private sealed class Sink : IMetricSink
    {
        public List<(long Step, IReadOnlyDictionary<string, double> Values, TimeSpan Elapsed)> Written { get; } = [];

        public IEnumerable<double> Get(string name) => Written.Select(written => written.Values[name]);

        public void Write(long step, IReadOnlyDictionary<string, double> values, TimeSpan elapsed) => Written.Add((step, values, elapsed));
    }

    private sealed class Reports(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
