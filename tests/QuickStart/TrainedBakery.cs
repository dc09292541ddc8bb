using MakeQuickStart;
using MakeQuickStart.Bakery;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using QuickStart;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

/// <summary>The shipped model, trained on the shipped preferences as the QuickStart does, only shorter and with longer steps.</summary>
public sealed class TrainedBakery : IAsyncLifetime
{
    internal HeldOutComparison Before { get; private set; } = null!;

    internal HeldOutComparison After { get; private set; } = null!;

    internal AnswerTally AnswersBefore { get; private set; } = null!;

    internal AnswerTally AnswersAfter { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        const double beta = 0.1;
        string folder = Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart");
        Preference[] asked = [.. Recipe.CreateData().HeldOut.Take(14)];
        MLContext mlContext = new(seed: 1);
        using PretrainedModel model = PretrainedModel.Load(Path.Combine(folder, "model"));
        EstimatorChain<DpoTransformer> pipeline = mlContext.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = 128 })
            .Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options
            {
                Model = model, Beta = beta, Reduction = LogProbReduction.Sum, LearningRate = 1e-4, BatchSize = 8, Epochs = 1, Threads = 1,
            }));
        using TransformerChain<DpoTransformer> trained = pipeline.Fit(mlContext.Preferences.LoadFromJsonl(Path.Combine(folder, "data", "train.jsonl")));
        IDataView scored = trained.Transform(mlContext.Preferences.LoadFromJsonl(Path.Combine(folder, "data", "heldout.jsonl")));
        PreferenceScore[] rows = [.. mlContext.Data.CreateEnumerable<PreferenceScore>(scored, reuseRowObject: false)];
        (Before, After) = (HeldOutComparison.Before(rows, beta), HeldOutComparison.After(rows));
        AnswersBefore = await AnswerTally.OfAsync(model, asked);
        using PretrainedModel policy = trained.LastTransformer.AsModel();
        AnswersAfter = await AnswerTally.OfAsync(policy, asked);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
