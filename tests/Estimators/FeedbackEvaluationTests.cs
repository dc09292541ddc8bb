using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Evaluation of scored answers, and options of the trainer.</summary>
public sealed class FeedbackEvaluationTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create(), _other = SmallModel.Create(seed: 2);

    public void Dispose()
    {
        _model.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void EvaluateFeedback_OfKnownScores_IsWhatTheHandGives()
    {
        IDataView data = _context.Data.LoadFromEnumerable(new Scored[]
        {
            new() { Reward = 0.4f, LogProb = -1, Label = true }, new() { Reward = -0.2f, LogProb = -2, Label = true },
            new() { Reward = -0.2f, LogProb = -3, Label = false }, new() { Reward = 0, LogProb = -4, Label = false },
            new() { Reward = float.NaN, LogProb = float.NaN, Label = false },
        });

        FeedbackMetrics metrics = _context.Preferences.EvaluateFeedback(data);

        (metrics.Count, metrics.UnscoredCount, metrics.GoodCount, metrics.BadCount).Should().Be((4, 1, 2, 2));
        metrics.Accuracy.Should().Be(2.5 / 4);
        metrics.AreaUnderRocCurve.Should().Be(2.5 / 4); // 0.4 above both, -0.2 ties with one
        metrics.MeanGoodReward.Should().BeApproximately(0.1, 1e-7);
        metrics.MeanBadReward.Should().BeApproximately(-0.1, 1e-7);
        (metrics.MeanGoodLogProb, metrics.MeanBadLogProb).Should().Be((-1.5, -3.5));
        metrics.Loss.Should().Be(double.NaN, "nothing says what these scores were trained with");
        metrics.ToString().Should().Contain("2 good and 2 bad").And.Contain("not known");
        FluentActions.Invoking(() => _context.Preferences.EvaluateFeedback(data, baseline: -1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => _context.Preferences.EvaluateFeedback(data, labelColumnName: "Good")).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*Good*");
        FluentActions.Invoking(() => _context.Preferences.EvaluateFeedback(
            _context.Data.LoadFromEnumerable(new Scored[] { new() { Reward = float.NaN } }))).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void EvaluateFeedback_OfATrainedScorer_HasItsLossAndTheGivenBaseline()
    {
        KtoTrainer.Options options = Options() with { DesirableWeight = 2, Beta = 0.25, ScoringBatchSize = 3 };
        IDataView rows = FeedbackRows.Prepared(_context, 40);
        using KtoTransformer trained = new KtoTrainer(_context, options).Fit(rows);
        IDataView scored = trained.Transform(rows);
        Scored[] each = [.. _context.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false)];
        double Loss(double z) => each.Average(row => row.Label ? 2 * (1 - Sigmoid(row.Reward - 0.25 * z)) : 1 - Sigmoid(0.25 * z - row.Reward));

        FeedbackMetrics metrics = _context.Preferences.EvaluateFeedback(scored), given = _context.Preferences.EvaluateFeedback(scored, baseline: 0.7);

        metrics.Baseline.Should().Be(trained.Baseline).And.BePositive();
        metrics.Loss.Should().BeApproximately(Loss(trained.Baseline), 1e-6);
        given.Loss.Should().BeApproximately(Loss(0.7), 1e-6);
        scored.GetColumn<bool>("PredictedLabel").Should().Equal(each.Select(row => row.Reward > 0)).And.Contain(true).And.Contain(false);
        FeedbackMetrics[] ranks = SharedMemory.Run(3, communicator => _context.Preferences.EvaluateFeedback(trained.Transform(rows), communicator));
        ranks.Should().AllSatisfy(rank => rank.Should().BeEquivalentTo(
            metrics, close => close.Using<double>(value => value.Subject.Should().BeApproximately(value.Expectation, 1e-6)).WhenTypeIs<double>()));
    }

    [Fact]
    public void Transform_WithoutReference_GivesLogProbsAndRefusesRewards()
    {
        using KtoTransformer trained = new KtoTrainer(_context, Options() with { KeepReference = false }).Fit(FeedbackRows.Prepared(_context, 5));
        IDataView scored = trained.Transform(FeedbackRows.Prepared(_context, 5));

        _context.Data.CreateEnumerable<LogProbOnly>(scored, reuseRowObject: false).Should().OnlyContain(row => row.LogProb < 0);
        FluentActions.Invoking(() => _context.Preferences.EvaluateFeedback(scored)).Should().Throw<InvalidOperationException>().WithMessage("*KeepReference*");
    }

    [Fact]
    public void Constructor_OptionsThatCannotAct_AreRefusedTogether()
    {
        FluentActions.Invoking(() => new KtoTrainer(_context, Options() with
        {
            Beta = 0,
            DesirableWeight = -1,
            UndesirableWeight = double.NaN,
            Loss = (KtoLoss)9,
            ScoringBatchSize = 0,
            InputColumns = new() { Labels = "" },
            ScoreColumns = new() { Reward = "LogProb" },
        })).Should().Throw<ArgumentException>().WithMessage(
            "*Loss is 9; it can be Kto, ApoZeroUnpaired; Beta is 0*DesirableWeight is -1*UndesirableWeight is NaN*ScoringBatchSize is 0*InputColumns has an " +
            "empty name*ScoreColumns names a column twice*");
        FluentActions.Invoking(() => new DpoTrainer(_context, new()
        {
            Model = _model, Validation = new() { Data = SmallModel.Pairs(_context, 3), Metric = ValidationMetric.RocArea },
        })).Should().Throw<ArgumentException>().WithMessage("*'rewards/auc', which only runs on feedback measure*");
        FluentActions.Invoking(() => new KtoTrainer(_context, Options()).Fit(SmallModel.Pairs(_context, 3))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void OfRun_OtherTrainers_AreNotToldApartByGuardsOfFeedback()
    {
        OptionList.OfRun(new DpoTrainer.Options { Model = _model }).Select(option => option.Key)
            .Should().NotContain(key => key.Contains("Feedback") || key.Contains("Baseline"), "earlier checkpoints have none of them");
        OptionList.OfRun(Options()).Select(option => option.Key).Should().Contain("Guards.OneSidedFeedback").And.Contain("UndesirableWeight")
            .And.NotContain(key => key.Contains("Columns"));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private KtoTrainer.Options Options() => new()
    {
        Model = _model, ReferenceModel = _other, LearningRate = 1e-3, BatchSize = 8, ConsoleWarnings = false,
    };

    private sealed class Scored
    {
        public float Reward { get; set; }
        public float LogProb { get; set; }
        public bool Label { get; set; }
    }

    private sealed class LogProbOnly
    {
        public float LogProb { get; set; }
    }
}
