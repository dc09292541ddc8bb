using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>Losses of all pairs of a step together.</summary>
public sealed class CoupledLossTests
{
    [Fact]
    public void Aot_OfTwoPairs_ComparesRanks() // policy gaps {3, -1}, reference gaps {0.5, 2}
    {
        Losses(PreferenceLoss.Aot(), [3, -1, 0, 0], [0.5, 2, 0, 0]).Should()
            .BeEquivalentTo([0.770957, 0.644397],
            close => close.Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-6)).WhenTypeIs<double>());
        Losses(PreferenceLoss.Sigmoid(), [3, -1, 0, 0], [0.5, 2, 0, 0]).Order().Should()
            .BeEquivalentTo([0.575939, 0.854355],
            close => close.Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-6)).WhenTypeIs<double>());
    }

    [Fact]
    public void Aot_SmoothedLabels_CountBothWays()
    {
        double h = 0.1 * 2.5;

        Losses(PreferenceLoss.Aot(0.2), [3, 0], [0.5, 0])[0].Should().BeApproximately(0.8 * Softplus(-h) + 0.2 * Softplus(h), 1e-9);
        Losses(PreferenceLoss.AotUnpaired(0.2), [3, 0], [0.5, 0])[0].Should().BeApproximately(0.8 * Softplus(-h) + 0.2 * Softplus(h), 1e-9);
    }

    [Fact]
    public void AotUnpaired_OfTwoPairs_ComparesChosenWithRejectedByRank() // a = {3, -1}, b = {2, -4}: -1 with -4 and 3 with 2
    {
        double[] losses = Losses(PreferenceLoss.AotUnpaired(), [13, 9, 22, 16], [10, 10, 20, 20]);

        losses[0].Should().BeApproximately(Softplus(-0.1 * 3), 1e-9);
        losses[1].Should().BeApproximately(Softplus(-0.1 * 1), 1e-9);
    }

    [Fact]
    public void Bco_Centered_IsShiftedByTheMeanRewardWithoutItsGradient() // a = {4, 2}, b = {1, -1}: the mean is 1.5
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor policy = tensor([4.0, 2, 1, -1]).requires_grad_();
        PreferenceObjective objective = new(PreferenceLoss.Bco(centered: true), 0.1, LogProbReduction.Sum);

        Tensor losses = objective.Losses(new PairLogProbs(policy, zeros(4, dtype: float64), ones(4)));
        losses.sum().backward();

        double Expected(double a, double b) => Softplus(-0.1 * (a - 1.5)) + Softplus(0.1 * (b - 1.5));
        losses[0].item<double>().Should().BeApproximately(Expected(4, 1), 1e-9);
        losses[1].item<double>().Should().BeApproximately(Expected(2, -1), 1e-9);
        policy.grad![0].item<double>().Should().BeApproximately(-0.1 / (1 + Math.Exp(0.1 * 2.5)), 1e-9);
        policy.grad![3].item<double>().Should().BeApproximately(0.1 / (1 + Math.Exp(0.1 * 2.5)), 1e-9);
    }

    [Theory]
    [InlineData("Aot")]
    [InlineData("AotUnpaired")]
    [InlineData("centered")]
    public void Averages_OfSeveralBatchesAndRanks_AreThoseOfAllPairsTogether(string name)
    {
        PreferenceObjective objective = new(name == "centered" ? PreferenceLoss.Bco(centered: true) : EveryLoss.ByName[name], 0.5, LogProbReduction.Sum);
        double[][] chosen = [[3, -1], [8], [-4, 0.5]], rejected = [[6, 1], [3], [-6, 2]]; // of three batches
        double[] together = [.. chosen.SelectMany(batch => batch), .. rejected.SelectMany(batch => batch)], references = [0.5, 2, -1, 1, 3, -1, 0, 2, -2, 1];
        double Measure(ICommunicator communicator)
        {
            using DisposeScope scope = NewDisposeScope();
            PreferenceSums sums = new(objective);
            int first = 0;
            for (int batch = 0; batch < chosen.Length; first += chosen[batch++].Length)
            {
                if (batch % communicator.Size != communicator.Rank)
                    continue;
                int count = chosen[batch].Length;
                double[] theirs = [.. references.Skip(first).Take(count), .. references.Skip(5 + first).Take(count)];
                sums.Add(tensor([.. chosen[batch], .. rejected[batch]]), tensor(theirs), ones(2 * count), Enumerable.Repeat(1.0, count).ToArray(),
                    offsets: null);
            }
            sums.Complete(communicator, whole: true).Should().BeTrue();
            return sums.Averages()[MetricNames.Loss];
        }
        double expected = Losses(objective.Loss, together, references, beta: 0.5).Average(), apart = chosen.Select((batch, i) => Losses(
            objective.Loss, [.. batch, .. rejected[i]],
                [.. references.Skip(i == 0 ? 0 : i + 1).Take(batch.Length), .. references.Skip(5 + (i == 0 ? 0 : i + 1)).Take(batch.Length)], 0.5).Sum())
                .Sum() / 5;

        Math.Abs(apart - expected).Should().BeGreaterThan(1e-3, "else the test shows nothing");
        Measure(new SingleProcess()).Should().BeApproximately(expected, 1e-12);
        SharedMemory.Run(2, Measure).Should().OnlyContain(loss => Math.Abs(loss - expected) < 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bco_CoupledOrNot_SaysSo(bool centered)
    {
        PreferenceLoss.Bco(centered).Direction.Should().Be(centered ? GradientDirection.Coupled : GradientDirection.Free);
        Losses(PreferenceLoss.Bco(centered), [4, 2, 1, -1], [0, 0, 0, 0])[0].Should()
            .BeApproximately(centered ? Softplus(-0.25) + Softplus(-0.05) : Softplus(-0.4) + Softplus(0.1), 1e-9);
    }

    private static double[] Losses(PreferenceLoss loss, double[] policy, double[] reference, double beta = 0.1)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. new PreferenceObjective(loss, beta, LogProbReduction.Sum)
            .Losses(new PairLogProbs(tensor(policy), tensor(reference), ones(policy.Length))).data<double>()];
    }

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
}
