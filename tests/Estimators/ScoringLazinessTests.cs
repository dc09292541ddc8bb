using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>What the networks run for each score column, counted in token rows at their embeddings.</summary>
public sealed class ScoringLazinessTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly List<PreparedPair> _rows;
    private readonly DpoTransformer _scorer;
    private readonly RowCount _policy, _reference;

    public ScoringLazinessTests()
    {
        PretrainedModel model = SmallModel.Create(), other = SmallModel.Create(seed: 2);
        _rows = [.. _context.Data.CreateEnumerable<PreparedPair>(SmallModel.Pairs(_context, 10), reuseRowObject: false)];
        ScoringOptions options = new()
        {
            Beta = 0.5, Reduction = LogProbReduction.Mean, BatchSize = 4, MaxLogitsMegabytes = 64, Precision = ComputePrecision.Fp32, ReferenceFree = false,
            InputColumns = new PairColumns(), ScoreColumns = new ScoreColumns(),
        };
        TrainingSummary untrained = new()
        {
            Examples = 0, Skipped = [], BadRows = null, Steps = 0, History = [], Elapsed = default,
            Precision = ComputePrecision.Fp32, Device = "cpu"
        };
        _scorer = new DpoTransformer(model.Network, other.Network, model.Tokenizer, model.ChatTemplate, options, untrained);
        (_policy, _reference) = (new RowCount(model.Network.Network), new RowCount(other.Network.Network));
    }

    [Theory]
    [InlineData("ChosenLogProb", 1, 0, 0, 0)]
    [InlineData("RejectedLogProb", 0, 1, 0, 0)]
    [InlineData("ChosenReward", 1, 0, 1, 0)]
    [InlineData("RejectedReward", 0, 1, 0, 1)]
    public void GetColumn_OfOneSide_RunsThatSideOnly(string column, int policyChosen, int policyRejected, int referenceChosen, int referenceRejected)
    {
        IDataView data = _context.Data.LoadFromEnumerable(_rows);
        float[] all = [.. _context.Data.CreateEnumerable<PreferenceScore>(_scorer.Transform(data), reuseRowObject: false).Select(Value)];
        _policy.Reset();
        _reference.Reset();

        float[] alone = [.. _scorer.Transform(data).GetColumn<float>(column)];

        int chosen = _rows.Sum(r => Needed(r.ChosenLossMask)), rejected = _rows.Sum(r => Needed(r.RejectedLossMask));
        _policy.Rows.Should().Be(policyChosen * chosen + policyRejected * rejected);
        _reference.Rows.Should().Be(referenceChosen * chosen + referenceRejected * rejected);
        for (int i = 0; i < all.Length; i++)
            alone[i].Should().BeApproximately(all[i], 1e-5f, "sums run in another order where no prompt is shared");

        float Value(PreferenceScore score) => (float)typeof(PreferenceScore).GetProperty(column)!.GetValue(score)!;
    }

    [Theory]
    [InlineData("Margin")]
    [InlineData("Probability")]
    public void GetColumn_OfBothSides_RunsTheSharedPromptOnce(string column)
    {
        _ = _scorer.Transform(_context.Data.LoadFromEnumerable(_rows)).GetColumn<float>(column).ToList();

        int plain = _rows.Sum(r => Needed(r.ChosenLossMask) + Needed(r.RejectedLossMask));
        _policy.Rows.Should().BeInRange(1, plain - _rows.Count);
        _reference.Rows.Should().Be(_policy.Rows);
    }

    [Fact]
    public void GetColumn_OfTheInput_RunsNothing()
    {
        _ = _scorer.Transform(_context.Data.LoadFromEnumerable(_rows)).GetColumn<long>("LineNumber").ToList();

        (_policy.Rows + _reference.Rows).Should().Be(0);
    }

    [Fact]
    public void Predict_SideWithoutACountedToken_ScoresTheOtherSideAsItIs()
    {
        using PredictionEngine<PreparedPair, PreferenceScore> engine = _context.Model.CreatePredictionEngine<PreparedPair,
            PreferenceScore>(_scorer, new PredictionEngineOptions { OwnsTransformer = false });
        PreferenceScore whole = engine.Predict(_rows[0]);
        PreparedPair half = SmallModel.Row(RandomPairs.Make(1, 1024, seed: 3)[0]);
        half.RejectedLossMask = new float[half.RejectedLossMask.Length];

        PreferenceScore score = engine.Predict(half);

        score.ChosenLogProb.Should().BeApproximately(whole.ChosenLogProb, 1e-5f);
        score.ChosenReward.Should().BeApproximately(whole.ChosenReward, 1e-5f);
        new[] { score.RejectedLogProb, score.RejectedReward, score.Margin, score.Probability }.Should()
            .AllSatisfy(value => float.IsNaN(value).Should().BeTrue());
        score.PredictedLabel.Should().BeFalse();
    }

    public void Dispose() => _scorer.Dispose();

    private static int Needed(float[] mask) => Array.FindLastIndex(mask, m => m != 0) + 1;
}
