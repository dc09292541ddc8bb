using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A trainer on feedback with a tiny model, and rows for it; its scores are compared bit for bit, so that it scores row by row.</summary>
public static class KtoTrainerCase
{
    private static readonly string[] s_response = ["ConversationInputIds", "ConversationLabels", "ConversationLossMask"];

    private static readonly Lazy<FitOnce> s_trained = new(() => new FitOnce(new MLContext(seed: 1).Preferences.Trainers.Kto(new KtoTrainer.Options
    {
        Model = SmallModel.Create(), LearningRate = 1e-3, ScoringBatchSize = 1, ConsoleWarnings = false,
    })));

    public static Dictionary<string, string[]> Reads => new()
    {
        ["LogProb"] = s_response, ["Reward"] = s_response, ["PredictedLabel"] = s_response,
    };

    public static Row[] Rows => [.. FeedbackRows.Make(9, 1024, seed: 4).Select(FeedbackRows.Row).Select(row => new Row
    {
        ConversationInputIds = row.ConversationInputIds, ConversationLabels = row.ConversationLabels, ConversationLossMask = row.ConversationLossMask,
        Label = row.Label,
    })];

    public static IEstimator<ITransformer> Estimator(MLContext context) => s_trained.Value;

    public sealed class Row : CaseRow
    {
        public int[] ConversationInputIds { get; set; } = [];
        public int[] ConversationLabels { get; set; } = [];
        public float[] ConversationLossMask { get; set; } = [];
        public bool Label { get; set; }
    }

    public sealed class Output : CaseRow
    {
        public float LogProb { get; set; }
        public float Reward { get; set; }
        public bool PredictedLabel { get; set; }
    }
}
