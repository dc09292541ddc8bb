using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What losses take of tokens, in every layout, against the log-softmax of the whole.</summary>
public sealed class TokenStatisticsTests
{
    private const int Vocabulary = 512;

    [Theory]
    [InlineData("PackedWithSharedPrefix", true, true)]
    [InlineData("PackedWithSharedPrefix", false, false)]
    [InlineData("Packed", false, true)]
    [InlineData("PaddedToLongest", true, false)]
    [InlineData("PaddedToMaximum", false, true)]
    public void Sums_OfHeadsTailsAndCollisions_AreThoseOfTheLabels(string shape, bool countedOnly, bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense/tiny"));
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(5, Vocabulary, seed: 8);
        BatchRows rows = BatchBuilder.Pairs(pairs, Enum.Parse<BatchShape>(shape), countedOnly, 40, 0, balanceRealTokensOnly: false, withTails: true);
        DeviceBatch batch = new(rows, new ComputeMode(ScalarType.Float32, fused), CPU);

        double[][] terms = PairTerms.Rows(NetworkScorer.Sums(network, batch, 7 * Vocabulary, collisions: true).data<double>().ToArray(), new double[20],
            rows.LossTokens, pairs.Count);

        for (int i = 0; i < pairs.Count; i++)
        {
            (double[] chosen, double[] chosenCollisions) = Labels(network, pairs[i].Chosen);
            (double[] rejected, double[] rejectedCollisions) = Labels(network, pairs[i].Rejected);
            int head = Math.Min(chosen.Length, rejected.Length);
            double[] expected =
            [
                chosen.Take(head).Sum(), rejected.Take(head).Sum(), chosen.Skip(head).Sum(), rejected.Skip(head).Sum(), chosenCollisions.Sum(),
                    rejectedCollisions.Sum(),
                0, 0, 0, 0, head, head, chosen.Length - head, rejected.Length - head,
            ];
            terms[i].Length.Should().Be(PairTerms.Width(TokenStatistics.Tails | TokenStatistics.Collisions));
            for (int k = 0; k < expected.Length; k++)
                terms[i][k].Should().BeApproximately(expected[k], 1e-4);
        }
        pairs.Should().Contain(pair => pair.Chosen.LossTokens > pair.Rejected.LossTokens).And.Contain(pair =>
            pair.Chosen.LossTokens < pair.Rejected.LossTokens);
    }

    [Theory]
    [InlineData(LogProbReduction.Sum, 1.5)] // -3 - 4 against -2 - 2 is wrong, -1 - 1 against -2 - 3 right, and -5 against -4 - 1 a tie
    [InlineData(LogProbReduction.Mean, 1)]
    public void CountRight_OfHeadsAndTails_AddsThem(LogProbReduction reduction, double right)
    {
        PrecomputedReference reference = new([-3, -1, -5, -4, -1, 0], [-2, -2, -4, -2, -3, -1]);
        PreferenceExample Pair(int chosen, int rejected) => new(Labels(chosen), Labels(rejected), 0);
        Response Labels(int count) => new(new int[count], new int[count], [.. Enumerable.Repeat((byte)1, count)]);

        ReferencePreference.CountRight(reference, [Pair(4, 3), Pair(4, 4), Pair(2, 3)], reduction).Should().Be(right);
    }

    [Fact]
    public void Of_RowsOfSeveralBatches_IsOfThemTogether()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor policy = tensor([-1.0, -2, -3, -4, -10, -20, -30, -40, 5, 6, 7, 8]), reference = tensor([-1.5, -2.5, -3.5, -4.5, -11, -21, -31, -41]),
            labels = tensor([1f, 2, 3, 4, 5, 6, 7, 8]);
        const TokenStatistics all = TokenStatistics.Tails | TokenStatistics.Collisions;

        PairLogProbs once = PairTerms.Of(policy, reference, labels, all, LogProbReduction.Mean);
        PairLogProbs rows = PairTerms.Of(
            PairTerms.Rows(policy.data<double>().ToArray(), reference.data<double>().ToArray(), labels.data<float>().ToArray(), pairs: 2), all,
                LogProbReduction.Mean);

        once.Labels.data<float>().Should().Equal(6, 8, 10, 12);
        once.Policy.data<double>().Should().Equal(-11 / 6.0, -22 / 8.0, -33 / 10.0, -44 / 12.0);
        once.Tails!.Policy.data<double>().Should().Equal(-10, -20, -30, -40);
        once.Collisions!.data<double>().Should().Equal(5, 6, 7, 8);
        rows.Policy.data<double>().Should().Equal(once.Policy.data<double>());
        rows.Reference.data<double>().Should().Equal(once.Reference.data<double>());
        rows.Labels.data<float>().Should().Equal(once.Labels.data<float>());
        rows.Tails!.Reference.data<double>().Should().Equal(-11, -21, -31, -41);
        rows.Collisions!.data<double>().Should().Equal(once.Collisions!.data<double>());
    }

    [Theory]
    [InlineData(150, 40)]
    [InlineData(5, 400_000)] // two rows at a time
    public void RowCollisions_LowPrecisionAndLargeVocabularies_AreThoseOfEachRow(int rows, int vocabulary)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(3, CPU);
        Tensor logits = (randn([rows, vocabulary], generator: random) * 4).to(ScalarType.BFloat16);

        Tensor collisions = RowCollisions.Of(logits, logits.to(ScalarType.Float32).logsumexp(1));

        collisions.ShouldBeCloseTo(logits.to(ScalarType.Float64).softmax(1).pow(2).sum(1).log(), 1e-4);
    }

    private static (double[] LogProbs, double[] Collisions) Labels(MiniMindNetwork network, Response response)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchRows rows = BatchBuilder.Responses([response], BatchShape.Packed, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false);
        DeviceBatch batch = new(rows, ScalarType.Float32, CPU);
        Tensor hidden = network.Forward(batch.InputIds, batch.Layout).Hidden;
        Tensor logProbs = network.Logits(hidden.index_select(0, batch.Rows)).to(ScalarType.Float64).log_softmax(1); // (m, V)
        return ([.. logProbs.gather(1, batch.Labels.unsqueeze(1)).squeeze(1).data<double>()], [.. logProbs.exp().pow(2).sum(1).log().data<double>()]);
    }
}
