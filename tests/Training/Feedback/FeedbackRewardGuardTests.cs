using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>The guards of rewards look at feedback, too: they count answers of each kind by themselves, and say what helps there.</summary>
public sealed class FeedbackRewardGuardTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(KtoLoss.Kto)]
    [InlineData(KtoLoss.ApoZeroUnpaired)]
    public void Fit_RateThatMovesNothing_NoLearningSpeaksOfAnswers(KtoLoss loss)
    {
        TrainingWarning warning = Warnings(new() { Model = _model, Loss = loss, LearningRate = 1e-9, BatchSize = 4, Epochs = 4 })
            .Should().ContainSingle(warning => warning.Guard == TrainingGuard.NoLearning).Subject;

        warning.Message.Should().Contain("the loss is 0.50000, as at the start (1/2 = 0.50000),").And.Contain("LearningRate 1E-09 is too small")
            .And.Contain("Validation at two or three rates").And.Contain("good and bad answers may not differ").And.NotContain("SuggestLearningRate");
    }

    [Fact]
    public void Fit_RateThatIsFarTooHigh_CollapseSpeaksOfGoodAnswers()
    {
        KtoTrainer.Options options = new() { Model = _model, LearningRate = 3e-2, BatchSize = 4, Epochs = 4, UndesirableWeight = 4, LogInterval = 2 };

        TrainingWarning warning = Warnings(options).Should().ContainSingle(warning => warning.Guard == TrainingGuard.ChosenCollapse).Subject;

        warning.Message.Should().Contain("the good answers have lost").And.Contain("to hold the good answers up, raise DesirableWeight")
            .And.NotContain("Dpop").And.NotContain("SuggestLearningRate");
    }

    [Fact]
    public void Fit_RunThatLearns_NobodySpeaks()
    {
        Warnings(new() { Model = _model, LearningRate = 1e-3, BatchSize = 4, Epochs = 2 }).Should().BeEmpty();
    }

    [Fact]
    public void Fit_AnotherReference_SaysNothingOfTheStart()
    {
        using PretrainedModel other = SmallModel.Create(seed: 2);

        Warnings(new() { Model = _model, ReferenceModel = other, LearningRate = 1e-9, BatchSize = 4, Epochs = 4 })
            .Should().NotContain(warning => warning.Guard == TrainingGuard.NoLearning);
    }

    [Fact]
    public void MarginExplosion_AboveItsLimit_SpeaksOfAnswers()
    {
        TrainingState state = State();

        ((ITrainingObserver)new MarginExplosionGuard(GuardAction.Warn, null, Terms(), maxMargin: 10))
            .Measured(state, Add(state, (MetricNames.Margin, 12.5), (MetricNames.GoodShare, 0.5)));

        state.Warnings.Should().ContainSingle().Which.Message.Should().Be(
            "the mean reward margin is 12.5 (limit 10), where the loss is saturated: the run overfits. No validation data says whether held-out answers " +
            "follow; set Validation. Likely cause: LearningRate 0.02 is too high or there are too many epochs for so few answers. Train for fewer epochs, " +
            "lower LearningRate, or stop early with Validation.Patience.");
    }

    [Fact]
    public void Guards_PointWithoutOneKindOfAnswers_PassItOver()
    {
        TrainingState state = State();
        foreach (ITrainingObserver guard in (ITrainingObserver[])[
            new MarginExplosionGuard(GuardAction.Warn, null, Terms(), 10), new ChosenCollapseGuard(GuardAction.Warn, null, Terms(), 1)])
        {
            guard.Measured(state, Add(state, (MetricNames.RejectedReward, -50), (MetricNames.GoodShare, 0)));
        }

        state.Warnings.Should().BeEmpty("no good answer has been seen");
    }

    [Fact]
    public void Collapse_PointsOfFewAndManyGoodAnswers_CountTheAnswers()
    {
        TrainingState state = State();
        ITrainingObserver guard = new ChosenCollapseGuard(GuardAction.Warn, null, Terms(), maxDrop: 1);
        // beta 0.1 and 10 tokens: a reward of -1 is a nat per token. One good answer of 8 has lost 2.9 of them, 8 of 8 have lost half of one
        state.Step = 40;
        Add(state, (MetricNames.ChosenReward, -2.9), (MetricNames.RejectedReward, -1), (MetricNames.GoodShare, 0.125));
        guard.Measured(state, Add(state, (MetricNames.ChosenReward, -0.5), (MetricNames.GoodShare, 1)));
        state.Warnings.Should().BeEmpty("nine good answers have lost (2.9 + 8 * 0.5) / 9 = 0.77 nats per token on average");

        guard.Measured(state, Add(state, (MetricNames.ChosenReward, -2), (MetricNames.RejectedReward, -1), (MetricNames.GoodShare, 0.5)));

        // (2.9 + 8 * 0.5 + 4 * 2) / 13, and the bad ones 1
        state.Warnings.Should().ContainSingle().Which.Message.Should().Contain("lost 1.15 nats per token").And.Contain("the margin has gained -0.146")
            .And.Contain("limit 1");
    }

    private static PreferenceTerms Terms() =>
        new(new FeedbackObjective(HasBaseline: true, 0.1, 1, 1), 10, StartsAtReference: true, 0.02) { Words = GuardWords.Feedback };

    private static TrainingState State() => new()
    {
        Network = null!, Parameters = null!, Optimizer = null!, Task = null!, TotalSteps = 40, // not asked for
    };

    private static TrainingPoint Add(TrainingState state, params (string Name, double Value)[] metrics)
    {
        TrainingPoint point = new(40, 0, 0.02, 1, metrics.ToDictionary(metric => metric.Name, metric => metric.Value), 8, 8, 8, 0, TimeSpan.Zero);
        state.History.Add(point);
        return point;
    }

    private IReadOnlyList<TrainingWarning> Warnings(KtoTrainer.Options options)
    {
        using KtoTransformer trained = new KtoTrainer(_context, options with { Device = ComputeDevice.Cpu, ConsoleWarnings = false })
            .Fit(FeedbackRows.Prepared(_context, 24, isGood: i => i % 2 == 0));
        return trained.TrainingSummary.Warnings;
    }
}
