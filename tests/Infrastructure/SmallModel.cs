using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>A tiny untrained model with the QuickStart's tokenizer, and prepared rows for it.</summary>
internal static class SmallModel
{
    public static string TokenizerFolder => Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "model");

    public static PretrainedModel Create(int seed = 1, ModelConfig? config = null) => PretrainedModel.CreateRandom(config ?? new ModelConfig
    {
        VocabularySize = 1024, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512,
    }, TokenizerFolder, seed);

    public static IDataView Pairs(MLContext context, int count, int seed = 3) =>
        context.Data.LoadFromEnumerable(RandomPairs.Make(count, 1024, seed).Select(Row).ToList());

    public static PreparedPair Row(PreferenceExample pair) => new()
    {
        LineNumber = pair.Line, ChosenInputIds = pair.Chosen.InputIds, ChosenLabels = pair.Chosen.Labels,
        ChosenLossMask = [.. pair.Chosen.LossMask.Select(m => (float)m)],
        RejectedInputIds = pair.Rejected.InputIds, RejectedLabels = pair.Rejected.Labels, RejectedLossMask = [.. pair.Rejected.LossMask.Select(m => (float)m)],
    };
}
