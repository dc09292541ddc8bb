using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class DpoProgressTests
{
    [Fact]
    public void Text_OfAPreferenceRun_IsOneLine() => Progress(new()
    {
        [MetricNames.Loss] = 0.55124, [MetricNames.Accuracy] = 0.7875, [MetricNames.Margin] = 0.35191,
    }).ToString().Should().Be("step 20 of 53: loss 0.5512, accuracy 78.8 %, margin 0.3519, 31.2 pairs/s, 2 min 5 s left");

    [Fact]
    public void Text_OfASupervisedRun_HasNoPreferences() => Progress(new() { [MetricNames.Loss] = 2.5 })
        .ToString().Should().Be("step 20 of 53: loss 2.5000, 31.2 examples/s, 2 min 5 s left");

    private static DpoProgress Progress(Dictionary<string, double> metrics) => new()
    {
        Step = 20, TotalSteps = 53, Point = new TrainingPoint(20, 0.4, 1e-4, 1, metrics, 8, 900, 900, 0, TimeSpan.FromSeconds(5)),
        ExamplesPerSecond = 31.24, TokensPerSecond = 1, PaddingShare = 0, ResidentBytes = 1, Remaining = TimeSpan.FromSeconds(125),
    };
}
