using System.Globalization;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>Held-out accuracy of an adapter against all weights, after equal steps, each at its best of three rates; prompts are on one side of the split
/// only.</summary>
internal static class OutcomeComparison
{
    private static readonly double[] s_rates = [0.3, 1, 3]; // times the given one

    /// <summary>Trains six models and prints what they reach.</summary>
    /// <param name="arguments">The model, the pairs, and how to train.</param>
    public static void Run(OutcomeArguments arguments)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = PretrainedModel.Load(arguments.Model);
        IDataView pairs = context.Preferences.LoadFromJsonl(arguments.Pairs);
        DataOperationsCatalog.TrainTestData split = context.Preferences.TrainTestSplit(pairs, testFraction: 0.2);
        IEstimator<ITransformer> prepare = context.Transforms.PreparePreferencePairs(
            model, new PreferencePreparationOptions { MaxLength = arguments.MaxLength });
        ITransformer prepared = prepare.Fit(split.TrainSet);
        IDataView train = prepared.Transform(split.TrainSet), heldOut = prepared.Transform(split.TestSet);

        PreferenceMetrics Train(LoraOptions? adapter, double rate)
        {
            DpoTrainer trainer = new(context, new DpoTrainer.Options
            {
                Model = model, Adapter = adapter, LearningRate = rate, Beta = arguments.Beta, BatchSize = arguments.BatchSize, Epochs = arguments.Epochs,
                Guards = GuardOptions.None, ConsoleWarnings = false,
            });
            using DpoTransformer trained = trainer.Fit(train);
            PreferenceMetrics metrics = context.Preferences.Evaluate(trained.Transform(heldOut));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(adapter is null ? "all weights" : $"rank {adapter.Rank}"),-12} rate {rate:0.0e-0}, {trained.TrainingSummary.Steps} steps: held-out " +
                    $"accuracy {metrics.Accuracy:P1} [{metrics.AccuracyLower:P1}, {metrics.AccuracyUpper:P1}] of {metrics.Count} pairs, " +
                        $"loss {metrics.Loss:F4}, margin {metrics.MeanMargin:F4}"));
            return metrics;
        }

        PreferenceMetrics full = s_rates.Select(factor => Train(null, factor * arguments.Rate)).MinBy(metrics => metrics.Loss)!;
        LoraOptions adapter = new() { Rank = arguments.Rank, Alpha = 2 * arguments.Rank };
        // ten times the rate, as a rule
        PreferenceMetrics low = s_rates.Select(factor => Train(adapter, 10 * factor * arguments.Rate)).MinBy(metrics => metrics.Loss)!;
        bool within = low.Accuracy >= full.AccuracyLower && low.Accuracy <= full.AccuracyUpper;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"best by loss: all weights {full.Accuracy:P1}, rank {arguments.Rank} {low.Accuracy:P1}: {(within ? "within" : "outside")} the interval of " +
                $"all weights [{full.AccuracyLower:P1}, {full.AccuracyUpper:P1}]"));
    }
}
