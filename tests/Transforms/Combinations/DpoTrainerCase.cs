using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A trainer on a tiny model, and rows for it; its scores are compared bit for bit, so that it scores row by row.</summary>
public static class DpoTrainerCase
{
    private static readonly Lazy<FitOnce> s_trained = new(() =>
        new FitOnce(new MLContext(seed: 1).Preferences.Trainers.Dpo(
            new DpoTrainer.Options { Model = SmallModel.Create(), LearningRate = 1e-3, ScoringBatchSize = 1 })));

    public static Dictionary<string, string[]> Reads => new()
    {
        ["ChosenLogProb"] = Side("Chosen"), ["RejectedLogProb"] = Side("Rejected"), ["ChosenReward"] = Side("Chosen"), ["RejectedReward"] = Side("Rejected"),
        ["Margin"] = [.. Side("Chosen"), .. Side("Rejected")], ["Probability"] = [.. Side("Chosen"), .. Side("Rejected")],
        ["PredictedLabel"] = [.. Side("Chosen"), .. Side("Rejected")],
    };

    public static PreparedRow[] Rows => [.. RandomPairs.Make(9, 1024, seed: 3).Select(SmallModel.Row).Select(pair => new PreparedRow
    {
        ChosenInputIds = pair.ChosenInputIds, ChosenLabels = pair.ChosenLabels, ChosenLossMask = pair.ChosenLossMask,
        RejectedInputIds = pair.RejectedInputIds, RejectedLabels = pair.RejectedLabels, RejectedLossMask = pair.RejectedLossMask,
    })];

    public static IEstimator<ITransformer> Estimator(MLContext context) => s_trained.Value;

    private static string[] Side(string side) => [side + "InputIds", side + "Labels", side + "LossMask"];

    public sealed class Output : CaseRow
    {
        public float ChosenLogProb { get; set; }
        public float RejectedLogProb { get; set; }
        public float ChosenReward { get; set; }
        public float RejectedReward { get; set; }
        public float Margin { get; set; }
        public float Probability { get; set; }
        public bool PredictedLabel { get; set; }
    }
}
