using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>Runs with a precomputed reference, evaluations and guards, as one of several ranks or alone.</summary>
public static class WatchedScenario
{
    private static readonly GuardAction[] s_actions = [GuardAction.Warn, GuardAction.Stop, GuardAction.RollBack];

    /// <summary>Every action once; rank 0 prints what each rank knows, rank after rank.</summary>
    internal static void Run(ICommunicator communicator, string tokenizerFolder)
    {
        WatchedReport[] own = Array.ConvertAll(s_actions, action => Train(communicator, tokenizerFolder, TrainingScenario.BatchSize, action));
        byte[][] reports = communicator.AllGather(JsonSerializer.SerializeToUtf8Bytes(own));
        if (communicator.Rank == 0)
            Console.WriteLine(JsonSerializer.Serialize(reports.Select(bytes => JsonSerializer.Deserialize<WatchedReport[]>(bytes))));
    }

    /// <summary>Trains, evaluates, and tells what happened.</summary>
    public static WatchedReport Train(ICommunicator? communicator, string tokenizerFolder, int batchSize, GuardAction action)
    {
        MLContext mlContext = new(seed: 1);
        using PretrainedModel model = TrainingScenario.Model(tokenizerFolder);
        IEstimator<ITransformer> preparation = mlContext.Transforms.PreparePreferencePairs(model);
        IDataView Prepare(int first, int count)
        {
            IDataView pairs = mlContext.Data.LoadFromEnumerable(TrainingScenario.Pairs(first, count));
            return preparation.Fit(pairs).Transform(pairs);
        }
        IDataView heldOut = Prepare(first: 30, count: 25);
        using DpoTransformer trained = new DpoTrainer(mlContext, new DpoTrainer.Options
        {
            Model = model, BatchSize = batchSize, Epochs = 1, LearningRate = 1e-3, Beta = 0.5, Threads = 1, LogInterval = 2,
            Reference = ReferenceMode.Precomputed, Communicator = communicator,
            Validation = new() { Data = heldOut, EverySteps = 3, KeepBest = true, KlPairs = 9, SamplePrompts = 3, SampleTokens = 4 },
            Guards = new() { EasyPairs = GuardAction.Warn, MaxReferenceAccuracy = 0.01, MarginExplosion = action, MaxMargin = 0.05, RollBackSteps = 2 },
        }).Fit(Prepare(first: 1, TrainingScenario.PairCount));

        IDataView scores = trained.Transform(heldOut);
        PreferenceMetrics scored = communicator is null ? mlContext.Preferences.Evaluate(scores) : mlContext.Preferences.Evaluate(scores, communicator);
        TrainingSummary summary = trained.TrainingSummary;
        return new WatchedReport
        {
            Action = action, Steps = [summary.Steps, summary.ReturnedStep], StopReason = summary.StopReason,
            Warnings = [.. summary.Warnings.Select(warning => $"{warning.Step} {warning.Message}")],
            Guards = [.. summary.Warnings.Select(warning => $"{warning.Step} {warning.Guard} {warning.Action}")],
            Evaluations = summary.Evaluations.SelectMany(
                evaluation => evaluation.Metrics.Select(metric => (Key: $"{evaluation.Step} {metric.Key}", metric.Value)))
                .ToDictionary(metric => metric.Key, metric => metric.Value),
            Scored = new Dictionary<string, double>
            {
                ["count"] = scored.Count, ["unscored"] = scored.UnscoredCount, ["accuracy"] = scored.Accuracy, ["lower"] = scored.AccuracyLower,
                ["upper"] = scored.AccuracyUpper,
                ["margin"] = scored.MeanMargin, ["chosen reward"] = scored.MeanChosenReward, ["rejected reward"] = scored.MeanRejectedReward,
                ["chosen log-prob"] = scored.MeanChosenLogProb, ["rejected log-prob"] = scored.MeanRejectedLogProb, ["loss"] = scored.Loss,
            },
        };
    }
}
