using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;

/// <summary>What tests of runs with adapters share.</summary>
internal static class AdapterRun
{
    public static readonly LoraOptions Four = new() { Rank = 4, Alpha = 8 };

    /// <summary>Options under which a few steps change much, and nothing is scaled by the size of gradients.</summary>
    public static DpoTrainer.Options Options(PretrainedModel model, LoraOptions? adapter = null) => new()
    {
        Model = model, Adapter = adapter ?? Four, LearningRate = 5e-3, BatchSize = 4, Epochs = 2, LogInterval = 1, Threads = 1,
    };

    public static SftTrainer.Options Supervised(PretrainedModel model, LoraOptions? adapter = null) => new()
    {
        Model = model, Adapter = adapter, LearningRate = 5e-3, BatchSize = 4, Epochs = 2, LogInterval = 1, Threads = 1,
        InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels", LossMaskColumnName = "ChosenLossMask",
    };

    public static DpoTransformer Fit(MLContext context, DpoTrainer.Options options, int pairs = 11) => new DpoTrainer(context, options)
        .Fit(SmallModel.Pairs(context, pairs));

    /// <summary>A model with an adapter that supervised training made.</summary>
    public static PretrainedModel FineTuned(MLContext context, PretrainedModel model, LoraOptions? adapter = null)
    {
        using SftTransformer trained = new SftTrainer(context, Supervised(model, adapter ?? Four)).Fit(SmallModel.Pairs(context, 11));
        using LoraAdapter own = trained.Model.ExtractAdapter();
        return model.WithAdapter(own);
    }

    public static double FirstLoss(DpoTransformer trained) => trained.TrainingSummary.History[0].Metrics[MetricNames.Loss];

    public static double LastLoss(DpoTransformer trained) => trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss];

    /// <summary>The hash of the policy's adapter.</summary>
    public static string Sha256(DpoTransformer trained)
    {
        using LoraAdapter adapter = trained.ExtractAdapter();
        return WeightHash.Sha256(adapter.Values);
    }

    /// <summary>All numbers of the policy's adapter that began as zeros.</summary>
    public static float[] Values(DpoTransformer trained)
    {
        using LoraAdapter adapter = trained.ExtractAdapter();
        return [.. adapter.Values.Parameters.Where(p => p.Name.EndsWith(LowRankAdapter.SuffixB, StringComparison.Ordinal))
            .SelectMany(p => p.Parameter.data<float>().ToArray())];
    }

    public static double Distance(float[] left, float[] right) =>
        Math.Sqrt(left.Zip(right).Sum(pair => Math.Pow(pair.First - pair.Second, 2)) / right.Sum(value => (double)value * value));

    public static List<PreferenceScore> Scores(MLContext context, ITransformer trained, int pairs = 11) =>
        [.. context.Data.CreateEnumerable<PreferenceScore>(trained.Transform(SmallModel.Pairs(context, pairs)), reuseRowObject: false)];

    public static nint Address(MiniMindNetwork network) => network.HeadWeight.storage<float>().data_ptr();
}
