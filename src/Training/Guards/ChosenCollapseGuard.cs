using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices that the chosen responses become unlikely: the policy unlearns what it should prefer, only slower than what it should not.</summary>
/// <remarks>
/// Where pairs are told apart, the probability that both sides lose goes elsewhere, and some of the chosen side's with it: that is the price of the margin, and
/// no collapse as long as the margin is worth more. So the guard speaks where the chosen side has lost more per token than it may and than the margin has
/// gained per token, or <see cref="Unbearable"/> times what it may, whatever the margin.
/// The chosen side's reward is of its log-probability's change since the start, of the same pairs, so pairs of other lengths do not disturb it.
/// </remarks>
internal sealed class ChosenCollapseGuard(GuardAction action, RollBackPoint? rollBack, PreferenceTerms terms, double maxDrop)
    : GuardObserver(TrainingGuard.ChosenCollapse, action, rollBack), ITrainingObserver
{
    private const double Unbearable = 3;
    private const double LastShare = 0.8;
    private readonly bool _hasBeta = terms.Objective.Loss.DefaultBeta is not null;

    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (IsDone(state))
            return;
        // pairs differ from step to step: the last steps together say it, one point alone only what goes far beyond
        TrainingPoint[] last = [.. state.History.Where(p => p.Step > LastShare * point.Step)];
        double Now(string metric) => last.Sum(p => p.Metrics[metric] * p.Examples) / last.Sum(p => (double)p.Examples);
        double Start(string metric) => terms.StartsAtReference ? 0 : state.History[0].Metrics[metric];
        double Lost(double chosen) => terms.PerToken(Start(MetricNames.ChosenReward) - chosen);
        double drop = Lost(Now(MetricNames.ChosenReward)), gain = terms.PerToken(Now(MetricNames.Margin) - Start(MetricNames.Margin));
        double latest = Lost(point.Metrics[MetricNames.ChosenReward]);
        if (latest > Unbearable * maxDrop)
            drop = latest;
        else if (!(drop > maxDrop && drop > gain))
            return;
        string betaTooSmall = _hasBeta ? string.Create(CultureInfo.InvariantCulture, $", Beta {terms.Objective.Beta:G3} too small,") : "";
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"the chosen responses have lost {drop:G3} nats per token since the start (limit {maxDrop:G3}) and the margin has gained {gain:G3}: the policy " +
            $"unlearns the answers that it should prefer. " +
            $"Likely cause: LearningRate {terms.LearningRate:G3} is too high{betaTooSmall} or there are too many epochs. " +
            $"Lower LearningRate, for example to {terms.LearningRate / NoLearningGuard.Stride:G2}{(_hasBeta ? ", or raise Beta" : "")}; " +
            $"mlContext.Preferences.SuggestLearningRate measures which rates the chosen side bears; " +
            $"to hold the chosen responses up, {terms.Objective.Loss.ChosenRemedy}. Validation with KeepBest gives back the weights from before."));
    }
}
