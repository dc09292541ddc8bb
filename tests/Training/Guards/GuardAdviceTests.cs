using System.Globalization;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Training.Guards;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>What the guards of learning rates say to measured runs: they are right, and none takes back what another advises.</summary>
public sealed class GuardAdviceTests
{
    private const double StillLoss = 0.69314718;

    [Fact]
    public void Tell_RunThatLearnsSlowly_NobodySpeaks()
    {
        using ScriptedRun run = new(1e-5, PersonaRuns.Steps, PersonaRuns.MeanTokens, PersonaRuns.Beta);

        run.Tell(PersonaRuns.Slow).Should().BeEmpty("it reaches 69.7 % on pairs that it did not see");
    }

    [Fact]
    public void Tell_EarlyMarginsThatCancel_NobodySpeaks()
    {
        using ScriptedRun run = new(1e-5, PersonaRuns.Steps, PersonaRuns.MeanTokens, PersonaRuns.Beta);
        // as measured, but the later points cancel by chance, as they do in other orders of the pairs: 50 of 375 steps with a mean margin of almost 0
        run.Tell([(0.0001, -0.0006, 0.6931), (0.0005, 0.013, 0.6931), (0.019, 0.0416, 0.6865), (-0.0269, 0.0146, 0.7005), (0.0085, 0.0545, 0.6925)]);

        run.Tell(PersonaRuns.Slow.Skip(5)).Should().BeEmpty("margins that lie 0.02 apart do not say that the mean stays at 0");
    }

    [Fact]
    public void Tell_BetterRunAtHigherRate_NobodySpeaks()
    {
        using ScriptedRun run = new(5e-5, PersonaRuns.Steps, PersonaRuns.MeanTokens, PersonaRuns.Beta);

        run.Tell(PersonaRuns.Good).Should().BeEmpty("what the chosen side loses, the margin is worth");
    }

    [Fact]
    public void Tell_ChosenSideLostForNothing_CollapseSpeaksAtOnce()
    {
        using ScriptedRun run = new(2e-4, PersonaRuns.Steps, PersonaRuns.MeanTokens, PersonaRuns.Beta);

        TrainingWarning warning = run.Tell(PersonaRuns.Wild).Should().ContainSingle().Subject;

        (warning.Guard, warning.Step).Should().Be((TrainingGuard.ChosenCollapse, 30L));
        warning.Message.Should().Match("*lost 1.26 nats per token since the start (limit 1) and the margin has gained 0.22*for example to 4E-05*" +
            "SuggestLearningRate*PreferenceLoss.Mix(*PreferenceLoss.Dpop()*");
    }

    [Fact]
    public void Tell_LossBeyondBearing_CollapseSpeaksWhateverTheMargin()
    {
        using ScriptedRun run = new(1e-3, 100, meanTokens: 10);

        // 3.1 nats per token, and a margin of 5
        run.Tell([(5, -3.1, 0.01)]).Should().ContainSingle().Which.Guard.Should().Be(TrainingGuard.ChosenCollapse);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(1.4)]
    public void Tell_CollapseThenItsAdvice_NoLearningDoesNotTakeItBack(double lost)
    {
        using ScriptedRun run = new(1e-4, 100, meanTokens: 10);
        double Reward(double perToken, int i) => -perToken * (i + 1) / 2;
        string message = run.Tell(Enumerable.Range(0, 10).Select(i => (0.001 * i, Reward(lost, i), StillLoss))).Should().ContainSingle().Subject.Message;
        double advised = double.Parse(Regex.Match(message, "for example to (\\S+),").Groups[1].Value, CultureInfo.InvariantCulture);

        using ScriptedRun obeyed = new(advised, 100, meanTokens: 10);
        double part = advised / 1e-4;
        obeyed.Tell(Enumerable.Range(0, 10).Select(i => (0.001 * i * part, Reward(lost, i) * part, StillLoss)))
            .Should().NotContain(warning => warning.Guard == TrainingGuard.NoLearning);
    }

    [Theory]
    [InlineData(1e-9)]
    [InlineData(4e-6)]
    [InlineData(1e-4)]
    public void Tell_MarginThatStays_AdviceIsOneStepAndNamesTheMeasurement(double rate)
    {
        using ScriptedRun run = new(rate, 100, meanTokens: 200);

        TrainingWarning warning = run.Tell(Enumerable.Range(1, 8).Select(i => (1e-9 * i, 1e-9 * i, StillLoss)), every: 2).Should().ContainSingle().Subject;

        warning.Guard.Should().Be(TrainingGuard.NoLearning);
        warning.Step.Should().Be(10);
        double advised = double.Parse(Regex.Match(warning.Message, "as a next try to (\\S+),").Groups[1].Value, CultureInfo.InvariantCulture);
        advised.Should().BeApproximately(rate * NoLearningGuard.Stride, rate * 0.1);
        warning.Message.Should().Contain("mlContext.Preferences.SuggestLearningRate");
    }

    [Fact]
    public void Tell_MarginThatStaysWhileTheChosenSideGoes_NoHigherRateIsAdvised()
    {
        using ScriptedRun run = new(1e-5, 100, meanTokens: 10);

        // by step 20 the chosen side has lost 0.05 nats per token; at five times the rate it would lose more than 1 in the whole run
        run.Tell(Enumerable.Range(1, 10).Select(i => (1e-7 * i, -0.005 * i, StillLoss)), every: 2).Should().BeEmpty();
    }

    [Fact]
    public void Tell_MeansThatMoveByHalfANat_NobodySpeaks()
    {
        using ScriptedRun run = new(4e-6, PersonaRuns.Steps, PersonaRuns.MeanTokens, PersonaRuns.Beta, LogProbReduction.Mean);

        // after 150 steps 0.18 nats between the responses, 0.46 at the end: 62 % on pairs that it did not see
        run.Tell(Enumerable.Range(1, 15).Select(i => (2e-5 * i * i * (i % 2 == 0 ? 0.8 : 1.2), 1e-4 * i, StillLoss - 1e-5 * i * i))).Should().BeEmpty();
    }

    [Fact]
    public void Of_FewPoints_MeanIsItsOwnError()
    {
        MeasuredMovement movement = MeasuredMovement.Of([(0.2, 10, 0.5), (0.4, 30, 0.5)]);

        (movement.Mean, movement.Error, movement.IsSure).Should().Be((0.35, 0.35, false));
        movement.MostAtTheEnd.Should().BeApproximately(3 * 0.35 / 0.25, 1e-12);
    }

    [Fact]
    public void Of_Points_ErrorIsThatOfTheMean()
    {
        MeasuredMovement movement = MeasuredMovement.Of([(1, 10, 0.1), (2, 10, 0.2), (3, 10, 0.3)]);

        movement.Mean.Should().Be(2);
        movement.Error.Should().BeApproximately(1 / Math.Sqrt(3), 1e-12, "the sample's deviation is 1");
        movement.Share.Should().BeApproximately(0.2, 1e-12);
        movement.IsSure.Should().BeTrue();
    }
}
