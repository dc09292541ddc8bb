using MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

public sealed class FeedbackGuardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunBed _bed;

    public FeedbackGuardTests() => _bed = new RunBed(_folder.Path);

    public void Dispose()
    {
        _bed.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(50, 50, 1, 1, null)]
    [InlineData(80, 60, 1, 1, null)] // 4 to 3
    [InlineData(10, 90, 1, 1, "DesirableWeight = 9")]
    [InlineData(90, 10, 1, 1, "UndesirableWeight = 6.75")] // 90 to 67.5 is 4 to 3
    [InlineData(10, 90, 9, 1, null)]
    [InlineData(90, 10, 1, 6.75, null)]
    [InlineData(20, 0, 1, 1, "fine-tune on these with SftTrainer")]
    [InlineData(0, 20, 1, 1, "do not train on these")]
    public void Started_WithOneSidedRows_SaysWhatToDo(int good, int bad, double goodWeight, double badWeight, string? advice)
    {
        TrainingState state = _bed.State;

        new OneSidedGuard(GuardAction.Warn, good, bad, new FeedbackObjective(true, 0.1, goodWeight, badWeight)).Started(state);

        if (advice is null)
            state.Warnings.Should().BeEmpty();
        else
            state.Warnings.Should().ContainSingle().Which.Message.Should().Contain(advice);
    }

    [Fact]
    public void Started_AskedToStop_Stops()
    {
        TrainingState state = _bed.State;
        state.TotalSteps = 10;

        new OneSidedGuard(GuardAction.Stop, 5, 0, new FeedbackObjective(true, 0.1, 1, 1)).Started(state);

        state.StopReason.Should().Contain("all 5 answers are good ones");
    }

    [Theory]
    [InlineData(0.0, -0.3, 20, true)]
    [InlineData(0.0, -0.3, 10, false)] // too early
    [InlineData(0.0, -0.001, 20, false)] // nothing has moved
    [InlineData(0.2, -0.3, 20, false)]
    public void Measured_BaselineThatStaysAtZero_IsToldOnceThePolicyHasMoved(double baseline, double badReward, int steps, bool warns)
    {
        TrainingState state = _bed.State;
        StuckBaselineGuard guard = new(GuardAction.Warn, new FeedbackObjective(true, 0.1, 1, 1));
        for (int step = 5; step <= steps; step += 5)
        {
            TrainingPoint point = new(step, 1, 1e-3, 1, new Dictionary<string, double>
            {
                [MetricNames.Baseline] = step == 5 ? baseline : 0, [MetricNames.ChosenReward] = 0.01, [MetricNames.RejectedReward] = badReward,
            }, 1, 1, 1, 0, TimeSpan.Zero);
            state.History.Add(point);
            guard.Measured(state, point);
        }

        state.Warnings.Should().HaveCount(warns ? 1 : 0);
        if (warns)
            state.Warnings[0].Message.Should().Contain("0 in all 20 steps").And.Contain("bad ones by -3.00").And.Contain("ApoZeroUnpaired");
    }
}
