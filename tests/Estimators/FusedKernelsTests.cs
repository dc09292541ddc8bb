using System.Runtime.Intrinsics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class FusedKernelsTests
{
    private readonly MLContext _context = new(seed: 1);

    [SkippableFact]
    public void Fit_KernelsSwitchedOff_GivesTheSameScoresInAnotherOrderOfSums()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "kernels run on processors with vectors of 512 bits");
        float[] fused = Margins(true), plain = Margins(false);

        for (int i = 0; i < plain.Length; i++)
            fused[i].Should().BeApproximately(plain[i], 1e-4f, "both train three steps in fp32");
        fused.Should().NotEqual(plain, "otherwise the option did nothing");
        Margins(false).Should().Equal(plain, "the same way rounds alike");
    }

    [Fact]
    public void Score_FewRowsInAPass_GivesEachPairItsOwnScores()
    {
        using PretrainedModel model = SmallModel.Create();
        PreferenceExample[] pairs = [.. RandomPairs.Make(7, 1024, seed: 5)];
        ScoringOptions options = new()
        {
            Beta = 0.5, Reduction = LogProbReduction.Mean, BatchSize = 7, MaxLogitsMegabytes = 64, Precision = ComputePrecision.Fp32, ReferenceFree = true,
            InputColumns = new PairColumns(), ScoreColumns = new ScoreColumns(),
        };
        ResponseScorer scorer = new(model.Network, null, options);
        Response[] chosen = [.. pairs.Select(pair => pair.Chosen)], rejected = [.. pairs.Select(pair => pair.Rejected)];
        RowCount rows = new(model.Network.Network);

        PairScores[] whole = new PairScorer(scorer, 0).Score(chosen, rejected, withRewards: false),
            divided = new PairScorer(scorer, 1).Score(chosen, rejected, withRewards: false);
        rows.Reset();
        PairScores[] left = new PairScorer(scorer, 1).Score(chosen, null, withRewards: false);

        for (int i = 0; i < pairs.Length; i++)
        {
            divided[i].Chosen.LogProb.Should().BeApproximately(whole[i].Chosen.LogProb, 1e-5f);
            divided[i].Rejected.LogProb.Should().BeApproximately(whole[i].Rejected.LogProb, 1e-5f);
            left[i].Chosen.LogProb.Should().BeApproximately(whole[i].Chosen.LogProb, 1e-5f);
        }
        rows.Rows.Should().Be(chosen.Sum(side => side.NeededLength), "each side runs once");
        whole.Select(score => score.Chosen.LogProb).Should().OnlyHaveUniqueItems("otherwise a mix-up would not show");
    }

    private float[] Margins(bool fused)
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 12);
        using DpoTransformer trained = new DpoTrainer(_context, new() { Model = model, LearningRate = 1e-3, BatchSize = 4, FusedKernels = fused }).Fit(pairs);
        return [.. trained.Transform(pairs).GetColumn<float>("Margin")];
    }
}
