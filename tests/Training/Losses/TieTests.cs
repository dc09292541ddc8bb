using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>A pair whose sides are equal counts half, wherever pairs are counted.</summary>
public sealed class TieTests
{
    [Fact]
    public void Evaluate_Margins_CountsTiesHalfAndUnscoredNot()
    {
        MLContext context = new(seed: 1);
        IDataView scores = context.Data.LoadFromEnumerable(
            ((float[])[0.5f, 0, 0, -0.25f, float.NaN]).Select(margin => new Scored { Margin = margin, ChosenReward = margin }).ToList());

        PreferenceMetrics metrics = context.Preferences.Evaluate(scores);

        (metrics.Count, metrics.UnscoredCount).Should().Be((4, 1));
        metrics.Accuracy.Should().Be((1 + 0.5 + 0.5) / 4);
        metrics.MeanMargin.Should().Be(0.0625);
        (metrics.AccuracyLower, metrics.AccuracyUpper).Should().Be(WilsonInterval.Of(2, 4));
    }

    [Fact]
    public void Averages_OfHeldOutPairs_CountTiesHalf()
    {
        using DisposeScope scope = NewDisposeScope();
        PreferenceSums sums = new(new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.5, LogProbReduction.Sum));
        // three chosen sides, then the three rejected ones: margins of 0.5 * 1, 0 and 0.5 * -2
        sums.Add(tensor([-1.0, -2, -5, -2, -2, -3]), zeros(6, ScalarType.Float64), ones(6), [1, 1, 1], offsets: null);
        sums.Complete(new SingleProcess(), whole: true).Should().BeTrue();

        IReadOnlyDictionary<string, double> averages = sums.Averages();

        averages[MetricNames.Accuracy].Should().Be((1 + 0.5 + 0) / 3);
        averages[MetricNames.Margin].Should().BeApproximately(-0.5 / 3, 1e-12);
        averages[MetricNames.ChosenReward].Should().BeApproximately(0.5 * -8 / 3, 1e-12);
        averages[MetricNames.RejectedLogProb].Should().BeApproximately(-7.0 / 3, 1e-12);
        (averages[MetricNames.AccuracyLower], averages[MetricNames.AccuracyUpper]).Should().Be(WilsonInterval.Of(1.5, 3));
    }

    [Fact]
    public void Fit_FirstStepFromTheReference_TiesEveryPair()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, LogInterval = 1, BatchSize = 4 }).Fit(SmallModel.Pairs(context, 8));

        trained.TrainingSummary.History[0].Metrics[MetricNames.Accuracy].Should().Be(0.5, "policy and reference are still one model");
    }

    [Fact]
    public void Predict_Tie_IsNoPreference()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 4);
        using DpoTransformer untrained = new DpoTrainer(context, new() { Model = model, LearningRate = 0 }).Fit(pairs);

        List<PreferenceScore> scores = [.. context.Data.CreateEnumerable<PreferenceScore>(untrained.Transform(pairs), reuseRowObject: false)];

        scores.Should().OnlyContain(score => score.Margin == 0 && score.Probability == 0.5f && !score.PredictedLabel);
    }

    private sealed class Scored
    {
        public float Margin { get; set; }

        public float ChosenReward { get; set; }

        public float RejectedReward { get; set; }

        public float ChosenLogProb { get; set; }

        public float RejectedLogProb { get; set; }
    }
}
