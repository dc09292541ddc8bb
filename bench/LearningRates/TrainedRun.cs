using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Bench.LearningRates;

/// <summary>What a run with a learning rate came to on pairs that it did not see.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Margins">Reward margins of the held-out pairs.</param>
/// <param name="Metrics">Their averages.</param>
/// <param name="ChosenChange">What the chosen side gained per token, nats.</param>
/// <param name="Summary">The run.</param>
internal sealed record TrainedRun(double Rate, IReadOnlyCollection<double> Margins, PreferenceMetrics Metrics, double ChosenChange, TrainingSummary Summary)
{
    private MeanInterval Margin => MeanInterval.Of(Margins);

    /// <summary>Whether the margin's interval lies above 0.</summary>
    public bool HasLearnt => Margin.Lower > 0;

    /// <summary>Whether the chosen side lost more than the guard's limit, and the guard spoke.</summary>
    public bool HasCollapsed => Summary.Warnings.Any(warning => warning.Guard == TrainingGuard.ChosenCollapse);

    /// <summary>Trains and measures.</summary>
    public static TrainedRun Of(MLContext context, DpoTrainer.Options options, IDataView train, IDataView heldOut)
    {
        using DpoTransformer trained = context.Preferences.Trainers.Dpo(options).Fit(train);
        IDataView scored = trained.Transform(heldOut);
        double[] margins = [.. scored.GetColumn<float>("Margin").Where(float.IsFinite).Select(margin => (double)margin)];
        double chosen = scored.GetColumn<float>("ChosenReward").Where(float.IsFinite).Average(reward => (double)reward) / options.Beta;
        double tokens = heldOut.GetColumn<VBuffer<float>>("ChosenLossMask").Average(mask => mask.DenseValues().Sum());
        return new TrainedRun(options.LearningRate, margins, context.Preferences.Evaluate(scored),
            options.Reduction == LogProbReduction.Sum ? chosen / tokens : chosen, trained.TrainingSummary);
    }

    /// <summary>The run so far, one line a point.</summary>
    public IEnumerable<string> History() => Summary.History.Select(point => string.Create(CultureInfo.InvariantCulture,
        $"  {point.Step} {point.Examples} {point.Metrics[MetricNames.Margin]:G5} {point.Metrics[MetricNames.ChosenReward]:G5} " +
        $"{point.Metrics[MetricNames.Accuracy]:F3} {point.Metrics[MetricNames.Loss]:F5}"));

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"rate {Rate:E1}: {Summary.Steps} steps; held-out margin {Margin.Mean:F4} [{Margin.Lower:F4}, {Margin.Upper:F4}], accuracy " +
        $"{Metrics.Accuracy:P1} [{Metrics.AccuracyLower:P1}, {Metrics.AccuracyUpper:P1}], chosen side {ChosenChange:+0.000;-0.000} nats per token") +
        string.Concat(Summary.Warnings.Select(warning => $"\n  {warning.Guard} at step {warning.Step}: {warning.Message}"));
}
