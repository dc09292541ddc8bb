using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices that answers to the validation prompts become much longer or shorter than at the start.</summary>
internal sealed class LengthDriftGuard(GuardAction action, RollBackPoint? rollBack, double maxRatio)
    : GuardObserver(TrainingGuard.LengthDrift, action, rollBack), ITrainingObserver
{
    private const double LeastChange = 8; // tokens: a one-word answer that becomes three words is no drift

    public void Evaluated(TrainingState state, ValidationPoint evaluation)
    {
        if (IsDone(state) || !evaluation.Metrics.TryGetValue(MetricNames.ResponseLength, out double now))
            return;
        double start = state.Evaluations[0].Metrics[MetricNames.ResponseLength];
        if (Math.Abs(now - start) < LeastChange || now <= start * maxRatio && start <= now * maxRatio)
            return;
        (string cause, string remedy) = now > start
            ? ("chosen responses are longer than rejected ones, so that length is what the policy learns; sums of log-probabilities favour this",
                "Use Reduction = Mean, or balance the lengths of the pairs")
            : ("the policy ends answers early, which raises the mean log-probability per token, or it breaks down",
                "Use Reduction = Sum, lower LearningRate, or look at some answers");
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"greedy answers to validation prompts have {now:F1} tokens on average, {start:F1} at the start (limit: {maxRatio:G3} times). " +
            $"Likely cause: {cause}. {remedy}."));
    }
}
