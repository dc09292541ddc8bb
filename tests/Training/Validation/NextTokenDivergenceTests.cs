using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

public sealed class NextTokenDivergenceTests
{
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(5 * 3 * 512)] // slices of three positions
    public void Sum_TwoModels_IsTheDivergenceOfTheirDistributions(long logitsBudget)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using MiniMindNetwork reference = GoldenModels.Load(TestFiles.Golden("model-dense/yarn")), policy = Perturbed();
        BatchRows rows = BatchBuilder.Pairs(RandomPairs.Make(4, 512, seed: 5), BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0,
            balanceRealTokensOnly: false);
        DeviceBatch batch = new(rows, ScalarType.Float32, CPU);
        Tensor ours = policy.Forward(batch.InputIds, batch.Layout).Hidden, theirs = reference.Forward(batch.InputIds, batch.Layout).Hidden;

        double actual = NextTokenDivergence.Sum(policy, ours, reference, theirs, batch.Rows, logitsBudget);

        double expected = 0;
        for (int i = 0; i < rows.Rows.Length; i++)
        {
            double[] p = Probabilities(policy, ours, rows.Rows[i]), q = Probabilities(reference, theirs, rows.Rows[i]);
            for (int v = 0; v < p.Length; v++)
                expected += p[v] * Math.Log(p[v] / q[v]);
        }
        expected.Should().BeGreaterThan(1e-3, "else the comparison says nothing");
        actual.Should().BeApproximately(expected, 1e-4 * expected);
        NextTokenDivergence.Sum(reference, theirs, reference, theirs, batch.Rows, logitsBudget).Should().Be(0);
    }

    private static MiniMindNetwork Perturbed()
    {
        MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense/yarn"));
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        parameters.Values.mul_(1.1f);
        return network;
    }

    private static double[] Probabilities(MiniMindNetwork network, Tensor hidden, long row)
    {
        using DisposeScope scope = NewDisposeScope();
        return network.Logits(hidden.narrow(0, row, 1)).to(float64).softmax(-1).data<double>().ToArray();
    }
}
