using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>The loss and the log-probabilities against double-precision arithmetic written out here.</summary>
public sealed class PreferenceMathTests
{
    private readonly Random _random = new(11);

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(5.0)]
    public void SigmoidLoss_RandomLogProbs_EqualsTheFormulaInDouble(double beta)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] Draw() => [.. Enumerable.Range(0, 50).Select(_ => (float)(_random.NextDouble() * -60))];
        (float[] pc, float[] pr, float[] rc, float[] rr) = (Draw(), Draw(), Draw(), Draw());

        PreferenceLosses losses = Sigmoid(beta).Of(new PairLogProbs(tensor([.. pc, .. pr]), tensor([.. rc, .. rr]), ones(100)));

        for (int i = 0; i < 50; i++)
        {
            double logit = beta * (((double)pc[i] - pr[i]) - ((double)rc[i] - rr[i]));
            double expected = logit > 0 ? double.LogP1(Math.Exp(-logit)) : -logit + double.LogP1(Math.Exp(logit));
            losses.Losses[i].item<float>().Should().BeApproximately((float)expected, (float)(1e-6 * Math.Max(1, expected)));
            losses.ChosenRewards[i].item<float>().Should().BeApproximately((float)(beta * ((double)pc[i] - rc[i])), 1e-4f);
            losses.RejectedRewards[i].item<float>().Should().BeApproximately((float)(beta * ((double)pr[i] - rr[i])), 1e-4f);
        }
    }

    [Fact]
    public void SigmoidLoss_EqualPolicies_IsLn2WithGradientOfHalfBeta()
    {
        // -log sigmoid(0) = ln 2; d/dx -log sigmoid(beta * x) at 0 = -beta / 2
        using DisposeScope scope = NewDisposeScope();
        Tensor chosen = tensor([-3f, -8f]).requires_grad_(), rejected = tensor([-5f, -1f]).requires_grad_();

        Tensor policy = cat([chosen, rejected]);
        Tensor losses = Sigmoid(0.2).Losses(new PairLogProbs(policy, policy.detach(), ones(4)));
        losses.sum().backward();

        losses.data<float>().Should().AllSatisfy(l => l.Should().BeApproximately((float)Math.Log(2), 1e-7f));
        chosen.grad!.data<float>().Should().AllSatisfy(g => g.Should().BeApproximately(-0.1f, 1e-7f));
        rejected.grad!.data<float>().Should().AllSatisfy(g => g.Should().BeApproximately(0.1f, 1e-7f));
    }

    [Theory]
    [InlineData(LogProbReduction.Mean)]
    [InlineData(LogProbReduction.Sum)]
    public void SequenceLogProbs_WeightedLabels_EqualsMaskedSumsInDouble(LogProbReduction reduction)
    {
        using DisposeScope scope = NewDisposeScope();
        const int vocabulary = 13, labels = 9;
        long[] sequenceOf = [0, 0, 0, 1, 1, 2, 2, 2, 2], targets = [.. Enumerable.Range(0, labels).Select(_ => (long)_random.Next(vocabulary))];
        float[] weights = [1, 0, 1, 1, 1, 0, 0, 1, 0];
        float[,] logits = new float[labels, vocabulary];
        for (int i = 0; i < labels; i++)
        {
            for (int v = 0; v < vocabulary; v++)
                logits[i, v] = (float)(_random.NextDouble() * 8 - 4);
        }

        BatchRows rows = new()
        {
            InputIds = new long[labels], Rows = [.. Enumerable.Range(0, labels).Select(i => (long)i)], Labels = targets, SequenceOf = sequenceOf,
            Weights = weights,
            LossTokens = [2, 2, 1], GroupLabels = [3, 2, 4], RealTokens = labels, PaddedLength = labels / 3,
        };
        DeviceBatch batch = new(rows, ScalarType.Float32, CPU);

        Tensor sums = SequenceLogProbs.Reduce(SequenceLogProbs.Sums(LogSoftmaxKernel.Forward(tensor(logits), batch.Labels).LogProbs, batch), batch, reduction);

        double[] expected = new double[3];
        for (int i = 0; i < labels; i++)
        {
            double total = Enumerable.Range(0, vocabulary).Sum(v => Math.Exp(logits[i, v]));
            expected[sequenceOf[i]] += weights[i] * (logits[i, targets[i]] - Math.Log(total));
        }
        for (int s = 0; s < 3; s++)
            sums[s].item<double>().Should().BeApproximately(expected[s] / (reduction == LogProbReduction.Mean ? rows.LossTokens[s] : 1), 1e-5);
    }

    private static PreferenceObjective Sigmoid(double beta) => new(PreferenceLoss.Sigmoid(), beta, LogProbReduction.Sum);

    [Fact]
    public void EpochOrder_OfAnySeed_IsAPermutationThatChangesWithTheEpoch()
    {
        int[] first = EpochOrder.Of(100, 42, 0, shuffle: true), second = EpochOrder.Of(100, 42, 1, shuffle: true);

        first.Order().Should().Equal(Enumerable.Range(0, 100));
        second.Should().NotEqual(first);
        EpochOrder.Of(100, 43, 0, shuffle: true).Should().Equal(second, "the order depends on seed + epoch, as in the reference");
        EpochOrder.Of(100, 42, 7, shuffle: false).Should().Equal(Enumerable.Range(0, 100));
    }

    [Fact]
    public void EpochOrder_OfTheReferencesRun_IsItsRowOrder() // manual_seed(42 + epoch); randperm(14) of libtorch 2.10
    {
        EpochOrder.Of(14, 42, 0, shuffle: true).Should().Equal(8, 9, 6, 2, 10, 7, 4, 12, 5, 0, 1, 3, 11, 13);
        EpochOrder.Of(14, 42, 1, shuffle: true).Should().Equal(10, 8, 13, 0, 9, 7, 6, 12, 4, 2, 1, 5, 11, 3);
    }
}
