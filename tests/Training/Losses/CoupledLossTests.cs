using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>Losses of all pairs of a step together.</summary>
public sealed class CoupledLossTests
{
    [Fact]
    public void Aot_OfTwoPairs_ComparesRanks() // policy gaps {3, -1}, reference gaps {0.5, 2}
    {
        Losses(PreferenceLoss.Aot(), [3, -1, 0, 0], [0.5, 2, 0, 0]).Should().BeEquivalentTo([0.770957, 0.644397], close => close.Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-6)).WhenTypeIs<double>());
        Losses(PreferenceLoss.Sigmoid(), [3, -1, 0, 0], [0.5, 2, 0, 0]).Order().Should().BeEquivalentTo([0.575939, 0.854355], close => close.Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-6)).WhenTypeIs<double>());
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
    [InlineData(false)]
    [InlineData(true)]
    public void Bco_CoupledOrNot_SaysSo(bool centered)
    {
        PreferenceLoss.Bco(centered).Direction.Should().Be(centered ? GradientDirection.Coupled : GradientDirection.Free);
        Losses(PreferenceLoss.Bco(centered), [4, 2, 1, -1], [0, 0, 0, 0])[0].Should()
            .BeApproximately(centered ? Softplus(-0.25) + Softplus(-0.05) : Softplus(-0.4) + Softplus(0.1), 1e-9);
    }

    private static double[] Losses(PreferenceLoss loss, double[] policy, double[] reference)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. new PreferenceObjective(loss, 0.1, LogProbReduction.Sum).Losses(new PairLogProbs(tensor(policy), tensor(reference), ones(policy.Length))).data<double>()];
    }

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
}
