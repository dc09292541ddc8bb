using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Looks at the process's memory, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(WatchedModelMemoryTests), DisableParallelization = true)]
[Collection(nameof(WatchedModelMemoryTests))]
public sealed class WatchedModelMemoryTests
{
    [Fact]
    public void Replaced_TenTimes_HoldsMemoryFlat()
    {
        using TwoModels two = new(new ModelConfig
        {
            VocabularySize = 1024, HiddenSize = 256, LayerCount = 6, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512,
        });
        long size = new FileInfo(two.Files[0]).Length;
        string path = two.Place();
        MLContext context = new(seed: 1);
        two.Rename(0, path);
        using WatchedModel watched = context.Preferences.WatchModel(path, new WatchedModelOptions { Period = TimeSpan.FromDays(1) });
        using PredictionPool<PreferencePair, PreferenceScore> pool = context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(watched.Transformer);
        List<long> resident = [];

        for (int i = 1; i <= 12; i++)
        {
            two.Rename(i % 2, path);
            watched.Refresh().Should().BeTrue();
            pool.Predict(TwoModels.Pair).Margin.Should().Be(two.Margins[i % 2]);
            resident.Add(Environment.WorkingSet);
        }

        size.Should().BeGreaterThan(20 << 20, "a few of them would show");
        (resident[^1] - resident[1]).Should().BeLessThan(2 * size,
            "ten models of {0:N0} bytes took each other's place, and no garbage collection was asked for; resident were {1}",
            size, string.Join(", ", resident));
    }
}
