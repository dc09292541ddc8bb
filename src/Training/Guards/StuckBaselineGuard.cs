using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices that KTO's baseline stays at 0 although the policy has moved: everything it says has become less likely.</summary>
/// <param name="action">What follows.</param>
/// <param name="objective">The loss.</param>
internal sealed class StuckBaselineGuard(GuardAction action, FeedbackObjective objective)
    : GuardObserver(TrainingGuard.StuckBaseline, action, null), ITrainingObserver
{
    private const long LeastSteps = 20; // before, rewards are noise
    private const double Zero = 1e-4, Moved = 0.5; // nats

    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (IsDone(state) || point.Step < LeastSteps || state.History.Any(earlier => earlier.Metrics.GetValueOrDefault(MetricNames.Baseline) > Zero))
            return;
        double good = Ratio(point, MetricNames.ChosenReward), bad = Ratio(point, MetricNames.RejectedReward);
        if (!(Math.Max(Math.Abs(good), Math.Abs(bad)) > Moved))
            return;
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"the baseline z has been 0 in all {point.Step} steps, although answers have moved (good ones by {good:F2} nats, bad ones by {bad:F2}): prompts " +
            $"with answers to other prompts have become less likely than under the reference, and the loss acts as one without a baseline. " +
            $"Likely cause: bad answers push everything down. Lower the learning rate, add good answers or raise DesirableWeight, or choose " +
            $"KtoLoss.ApoZeroUnpaired, which takes a third less time for the same."));
    }

    private double Ratio(TrainingPoint point, string reward) => point.Metrics.GetValueOrDefault(reward) / objective.Beta;
}
