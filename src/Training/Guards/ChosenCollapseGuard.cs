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
    private readonly bool _hasBeta = terms.Objective.HasBeta;

    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (IsDone(state))
            return;
        // pairs differ from step to step: the last steps together say it, one point alone only what goes far beyond
        TrainingPoint[] last = [.. state.History.Where(p => p.Step > LastShare * point.Step)];
        if (PointMeans.Of(last, MetricNames.ChosenReward) is not { } chosen)
            return; // no good answer among them
        double Start(Func<TrainingPoint, double?> value) => terms.StartsAtReference ? 0 : state.History.Select(value).FirstOrDefault(v => v is not null) ?? 0;
        double start = Start(p => PointMeans.Of([p], MetricNames.ChosenReward));
        double drop = terms.PerToken(start - chosen);
        double gain = terms.PerToken((PointMeans.Margin(last) ?? 0) - Start(p => PointMeans.Margin([p])));
        double latest = point.Metrics.TryGetValue(MetricNames.ChosenReward, out double now) ? terms.PerToken(start - now) : 0;
        if (latest > Unbearable * maxDrop)
            drop = latest;
        else if (!(drop > maxDrop && drop > gain))
            return;
        string betaTooSmall = _hasBeta ? string.Create(CultureInfo.InvariantCulture, $", Beta {terms.Objective.Beta:G3} too small,") : "";
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"the {terms.Words.Preferred} have lost {drop:G3} nats per token since the start (limit {maxDrop:G3}) and the margin has gained {gain:G3}: the " +
            $"policy unlearns the answers that it should prefer. " +
            $"Likely cause: LearningRate {terms.LearningRate:G3} is too high{betaTooSmall} or there are too many epochs. " +
            $"Lower LearningRate, for example to {terms.LearningRate / NoLearningGuard.Stride:G2}{(_hasBeta ? ", or raise Beta" : "")}; " +
            $"{terms.Words.RatesThatHold}; " +
            $"to hold the {terms.Words.Preferred} up, {terms.Objective.ChosenRemedy}. Validation with KeepBest gives back the weights from before."));
    }
}
