using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>A run over a file of preferences, and what became of it.</summary>
internal static class TrainedRun
{
    /// <summary>Trains on nine tenths of the pairs and evaluates on the rest.</summary>
    public static object Of(LongRunOptions options)
    {
        MLContext context = new(seed: 42);
        using PretrainedModel model = PretrainedModel.Load(options.Model);
        DataOperationsCatalog.TrainTestData split = context.Data.TrainTestSplit(context.Preferences.LoadFromJsonl(options.Data), 0.1);
        PreferencePreparationOptions preparation = options.MiniMind ? PreferencePreparationOptions.MiniMind(options.MaxLength)
            : new() { MaxLength = options.MaxLength };
        ITransformer prepare = context.Transforms.PreparePreferencePairs(model, preparation).Fit(split.TrainSet);
        int pairs = context.Data.CreateEnumerable<PreferencePair>(split.TrainSet, reuseRowObject: false).Count();
        MemoryTrace memory = new();
        DpoTrainer.Options training = RunOptions.Of(options, model, pairs, prepare.Transform(split.TestSet), memory);
        using DpoTransformer trained = context.Preferences.Trainers.Dpo(training).Fit(prepare.Transform(split.TrainSet));
        return Report(options, trained.TrainingSummary, memory);
    }

    private static object Report(LongRunOptions options, TrainingSummary summary, MemoryTrace memory) => new
    {
        options,
        summary.Examples,
        skipped = summary.Skipped.Count,
        summary.Steps,
        seconds = Math.Round(summary.Elapsed.TotalSeconds, 1),
        residentMemory = memory.Summary(),
        evaluations = summary.Evaluations.Select(e => new
        {
            e.Step,
            loss = e[ValidationMetric.Loss],
            accuracy = e[ValidationMetric.Accuracy],
            margin = e[ValidationMetric.Margin],
            kl = e.Metrics.GetValueOrDefault(ValidationMetric.KlDivergence.Name, double.NaN),
        }),
        summary.Warnings,
    };
}
