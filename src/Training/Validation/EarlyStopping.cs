using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Ends a run that no longer gets better: a function of the evaluations alone, so that a resumed run decides alike.</summary>
internal static class EarlyStopping
{
    /// <summary>Why the run is to end; <see langword="null"/> while it is not.</summary>
    public static string? Reason(IReadOnlyList<ValidationPoint> evaluations, ValidationPlan plan)
    {
        if (plan.Patience == 0 || evaluations.Count == 0)
            return null;
        int best = 0;
        for (int i = 1; i < evaluations.Count; i++)
        {
            if (plan.Metric.IsBetter(evaluations[i][plan.Metric], evaluations[best][plan.Metric], plan.MinDelta))
                best = i;
        }

        if (evaluations.Count - 1 - best < plan.Patience)
            return null;
        return string.Create(CultureInfo.InvariantCulture,
            $"the last {plan.Patience} evaluations did not improve '{plan.Metric}' by more than {plan.MinDelta} over {evaluations[best][plan.Metric]:G6} at " +
                $"step {evaluations[best].Step}");
    }
}
