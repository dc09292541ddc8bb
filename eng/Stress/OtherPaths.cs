using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Stress;

/// <summary>What the rounds do not come to, once each, so that the census sees whether it leaves anything to finalizers.</summary>
public static class OtherPaths
{
    /// <summary>Trains in the other ways, saves and loads.</summary>
    /// <param name="tokenizer">The folder of the tokenizer.</param>
    /// <param name="model">A dense model.</param>
    /// <param name="pairs">Prepared pairs, a few.</param>
    public static void Run(string tokenizer, PretrainedModel model, IDataView pairs)
    {
        MLContext context = new(seed: 7);
        string folder = Directory.CreateTempSubdirectory("minimind-stress-").FullName;
        try
        {
            DpoTrainer.Options options = new() { Model = model, LearningRate = 1e-4, MaxLength = 160, BatchSize = 2, LogInterval = 1 };
            using (DpoTransformer trained = context.Preferences.Trainers.Dpo(options with
            {
                GradientCheckpointing = true,
                AutoBatch = true,
                Epochs = 2,
                Checkpoints = new CheckpointOptions { Folder = Path.Combine(folder, "checkpoints"), EverySteps = 2 },
                RunDirectory = new RunDirectoryOptions { Folder = Path.Combine(folder, "run") },
                Validation = new ValidationOptions { Data = pairs, EverySteps = 2, KeepBest = true, KlPairs = 2, SamplePrompts = 1, SampleTokens = 4 },
            }).Fit(pairs))
            {
                context.Model.Save(trained, pairs.Schema, Path.Combine(folder, "model.zip"));
                ITransformer loaded = context.Model.Load(Path.Combine(folder, "model.zip"), out _);
                Read(loaded.Transform(pairs), "Margin");
                ((IDisposable)loaded).Dispose();
                trained.SaveCheckpoint(Path.Combine(folder, "model.pth"));
                PretrainedModel.LoadCheckpoint(Path.Combine(folder, "model.pth"), model.Config, tokenizer).Dispose();
            }
            using (SftTransformer tuned = context.Preferences.Trainers.Sft(new SftTrainer.Options
            {
                Model = model, MaxLength = 160, BatchSize = 2, InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels",
                LossMaskColumnName = "ChosenLossMask",
                Optimizer = OptimizerOptions.Sgd(), Padding = BatchPadding.MaxLength,
            }).Fit(pairs))
            {
                tuned.Model.SaveModel(Path.Combine(folder, "tuned"), WeightPrecision.Float16);
            }

            using PretrainedModel experts = PretrainedModel.CreateRandom(
                model.Config with { Experts = new ExpertsConfig { IntermediateSize = 64 }, Dropout = 0.1, LayerCount = 2 }, tokenizer, seed: 1);
            context.Preferences.Trainers.Dpo(options with { Model = experts, Precision = ComputePrecision.Bf16, Optimizer = OptimizerOptions.RmsProp() })
                .Fit(pairs).Dispose();
            context.Preferences.Trainers.Dpo(options with { Precision = ComputePrecision.Auto, Reference = ReferenceMode.Precomputed }).Fit(pairs).Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Read(IDataView rows, string column) => _ = rows.GetColumn<float>(column).Sum();
}
