using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A fine-tuner on a tiny model, and rows for it; it hands its columns through.</summary>
public static class SftTrainerCase
{
    public const string Name = "SftTrainer";

    private static readonly Lazy<FitOnce> s_trained = new(() =>
        new FitOnce(new MLContext(seed: 1).Preferences.Trainers.Sft(new SftTrainer.Options { Model = SmallModel.Create(), LearningRate = 1e-3 })));

    public static Dictionary<string, string[]> Reads =>
        ((string[])["ConversationInputIds", "ConversationLabels", "ConversationLossMask"]).ToDictionary(name => name, name => (string[])[name]);

    public static Row[] Rows => [.. RandomPairs.Make(9, 1024, seed: 4).Select(pair => pair.Chosen).Select(response => new Row
    {
        ConversationInputIds = response.InputIds, ConversationLabels = response.Labels, ConversationLossMask = [.. response.LossMask.Select(m => (float)m)],
    })];

    public static IEstimator<ITransformer> Estimator(MLContext context) => s_trained.Value;

    public sealed class Row : CaseRow
    {
        public int[] ConversationInputIds { get; set; } = [];
        public int[] ConversationLabels { get; set; } = [];
        public float[] ConversationLossMask { get; set; } = [];
    }
}
