using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices a margin from which on there is nothing left to gain: the run learns its pairs by heart.</summary>
internal sealed class MarginExplosionGuard(GuardAction action, RollBackPoint? rollBack, PreferenceTerms terms, double maxMargin)
    : GuardObserver(TrainingGuard.MarginExplosion, action, rollBack), ITrainingObserver
{
    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (IsDone(state) || !point.Metrics.TryGetValue(MetricNames.Margin, out double margin) || !(margin > maxMargin))
            return;
        string heldOut = state.Evaluations.Count == 0
            ? $"No validation data says whether held-out {terms.Words.Examples} follow; set Validation"
            : string.Create(CultureInfo.InvariantCulture,
                $"On held-out {terms.Words.Examples} it is {state.Evaluations[^1][ValidationMetric.Margin]:G3}, with a loss of " +
                $"{state.Evaluations[^1][ValidationMetric.Loss]:G3}");
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"the mean reward margin is {margin:G3} (limit {maxMargin:G3}), {terms.Objective.FarMargin}: the run overfits. {heldOut}. " +
            $"Likely cause: LearningRate {terms.LearningRate:G3} is too high or there are too many epochs for so few {terms.Words.Examples}. " +
            $"Train for fewer epochs, lower LearningRate, or stop early with Validation.Patience."));
    }
}
