using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;

/// <summary>What tests of runs on feedback with adapters share.</summary>
internal static class FeedbackAdapterRun
{
    /// <summary>Options under which a few steps change much, and nothing is scaled by the size of gradients.</summary>
    public static KtoTrainer.Options Options(PretrainedModel model, LoraOptions? adapter = null) => new()
    {
        Model = model, Adapter = adapter ?? AdapterRun.Four, LearningRate = 1e-2, BatchSize = 6, Epochs = 2, LogInterval = 1, Threads = 1,
        Guards = GuardOptions.None, ConsoleWarnings = false,
    };

    public static KtoTransformer Fit(MLContext context, KtoTrainer.Options options, int rows = 23) => new KtoTrainer(context, options)
        .Fit(FeedbackRows.Prepared(context, rows));

    public static double FirstLoss(KtoTransformer trained) => trained.TrainingSummary.History[0].Metrics[MetricNames.Loss];

    public static double LastLoss(KtoTransformer trained) => trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss];

    /// <summary>The baselines as they were measured, step by step.</summary>
    public static double[] Baselines(KtoTransformer trained) =>
        [.. trained.TrainingSummary.History.Select(point => point.Metrics.GetValueOrDefault(MetricNames.Baseline))];

    /// <summary>The hash of the policy's adapter.</summary>
    public static string Sha256(KtoTransformer trained)
    {
        using LoraAdapter adapter = trained.ExtractAdapter();
        return WeightHash.Sha256(adapter.Values);
    }

    /// <summary>All numbers of the policy's adapter that began as zeros.</summary>
    public static float[] Values(KtoTransformer trained)
    {
        using LoraAdapter adapter = trained.ExtractAdapter();
        return [.. adapter.Values.Parameters.Where(p => p.Name.EndsWith(LowRankAdapter.SuffixB, StringComparison.Ordinal))
            .SelectMany(p => p.Parameter.data<float>().ToArray())];
    }

    public static List<FeedbackScore> Scores(MLContext context, ITransformer trained, int rows = 11) =>
        [.. context.Data.CreateEnumerable<FeedbackScore>(trained.Transform(FeedbackRows.Prepared(context, rows)), reuseRowObject: false)];
}
