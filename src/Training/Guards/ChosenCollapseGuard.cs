using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices that the chosen responses become unlikely: the policy unlearns what it should prefer, only slower than what it should not.</summary>
/// <remarks>
/// The chosen side's reward is of its log-probability's change since the start, of the same pairs, so pairs of other lengths do not disturb it.
/// </remarks>
internal sealed class ChosenCollapseGuard(GuardAction action, RollBackPoint? rollBack, PreferenceTerms terms, double maxDrop)
    : GuardObserver(TrainingGuard.ChosenCollapse, action, rollBack), ITrainingObserver
{
    private readonly bool _hasBeta = terms.Objective.Loss.DefaultBeta is not null;

    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (IsDone(state))
            return;
        double start = terms.StartsAtReference ? 0 : state.History[0].Metrics[MetricNames.ChosenReward];
        double drop = terms.PerToken(start - point.Metrics[MetricNames.ChosenReward]);
        if (!(drop > maxDrop))
            return;
        string betaTooSmall = _hasBeta ? string.Create(CultureInfo.InvariantCulture, $", Beta {terms.Objective.Beta:G3} too small,") : "";
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"the chosen responses have lost {drop:G3} nats per token since the start (limit {maxDrop:G3}): the policy unlearns the answers that it " +
                $"should prefer. " +
            $"Likely cause: LearningRate {terms.LearningRate:G3} is too high{betaTooSmall} or there are too many epochs. " +
            $"Lower LearningRate, for example to {terms.LearningRate / 5:G2}{(_hasBeta ? ", or raise Beta" : "")}; " +
            $"to hold the chosen responses up, {terms.Objective.Loss.ChosenRemedy}. Validation with KeepBest gives back the weights from before."));
    }
}
