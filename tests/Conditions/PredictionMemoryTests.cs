using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Conditions;

/// <summary>Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(PredictionMemoryTests), DisableParallelization = true)]
[Collection(nameof(PredictionMemoryTests))]
public sealed class PredictionMemoryTests
{
    private const int Warm = 500;
    private const int Predictions = 2500;

    [Fact]
    public void Predict_Thousands_LeavesNoTensorAndHoldsMemoryFlat()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView none = context.Data.LoadFromEnumerable(Array.Empty<PreferencePair>());
        using DpoTransformer scorer = new DpoTrainer(context, new() { Model = model }).Fit(SmallModel.Pairs(context, 4));
        ITransformer chain = context.Transforms.PreparePreferencePairs(model, new() { MaxLength = 64 }).Fit(none).Append(scorer);
        using PredictionEngine<PreferencePair, PreferenceScore> engine = context.Model.CreatePredictionEngine<PreferencePair, PreferenceScore>(
            chain, new PredictionEngineOptions { OwnsTransformer = false });
        PreferencePair pair = PreferencePair.FromPrompt("What does a roll cost?", "Fifty cents.", "Go away.");
        float margin = engine.Predict(pair).Margin;
        int differing = 0;
        long tensors = 0, resident = 0, managed = 0;

        for (int i = 0; i <= Predictions; i++)
        {
            if (i == Warm)
                (tensors, resident, managed) = (torch.Tensor.TotalCount, Environment.WorkingSet, LiveBytes());
            if (engine.Predict(pair).Margin != margin)
                differing++;
        }

        differing.Should().Be(0);
        torch.Tensor.TotalCount.Should().BeLessThanOrEqualTo(tensors);
        (LiveBytes() - managed).Should().BeLessThan(1 << 20, "500 bytes left by each prediction are too much");
        (Environment.WorkingSet - resident).Should().BeLessThan(32 << 20);
    }

    private static long LiveBytes()
    {
        GC.Collect(); // in full: what has a finalizer goes with the second
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
