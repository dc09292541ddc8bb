using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>Losses of single answers against numbers from the papers' formulas, by a program of its own in plain doubles.</summary>
public sealed class FeedbackObjectiveTests
{
    private static readonly FeedbackObjective s_kto = new(HasBaseline: true, Beta: 0.1, DesirableWeight: 1, UndesirableWeight: 1);

    [Theory]
    [InlineData(2, true, 0.457602, -0.024820)]
    [InlineData(-1, false, 0.467546, 0.024895)]
    [InlineData(-1.5, true, 0.544879, -0.024799)]
    [InlineData(0.5, false, 0.505000, 0.024998)]
    public void Losses_KtoWithABaseline_AreThePublishedNumbers(double ratio, bool isGood, double loss, double slope)
    {
        (double value, double derivative) = Of(s_kto, ratio, isGood, 0.3);

        value.Should().BeApproximately(loss, 1e-6);
        derivative.Should().BeApproximately(slope, 1e-6);
        s_kto.Loss(ratio, isGood, 0.3).Should().BeApproximately(value, 1e-15);
    }

    [Theory]
    [InlineData(2, -1, 0.925187, -0.024752, 0.024938)]
    [InlineData(-1.5, 0.5, 1.049927, -0.024860, 0.024984)]
    public void Losses_OfAPairAsTwoRowsWithoutBaseline_AreApoZeroOfThePair(double good, double bad, double loss, double slopeOfGood, double slopeOfBad)
    {
        foreach (FeedbackObjective objective in new[] { s_kto, s_kto with { HasBaseline = false } })
        {
            double baseline = objective.HasBaseline ? 0 : 0.3; // which a loss without one does not look at
            ((double first, double left), (double second, double right)) = (Of(objective, good, true, baseline), Of(objective, bad, false, baseline));
            (first + second).Should().BeApproximately(loss, 1e-6);
            left.Should().BeApproximately(slopeOfGood, 1e-6);
            right.Should().BeApproximately(slopeOfBad, 1e-6);

            using DisposeScope scope = NewDisposeScope();
            PreferenceObjective pairs = new(PreferenceLoss.ApoZero(), 0.1, LogProbReduction.Sum);
            Tensor policy = tensor(new[] { good - 5, bad - 7 }), reference = tensor(new[] { -5.0, -7 }), labels = tensor(new[] { 3f, 4f });
            pairs.Losses(pairs.Pairs(policy, reference, labels)).item<double>().Should().BeApproximately(first + second, 1e-12);
        }
    }

    [Fact]
    public void Losses_WithWeights_AreMultiplied()
    {
        FeedbackObjective weighted = s_kto with { DesirableWeight = 3, UndesirableWeight = 0.5 };

        (Of(weighted, 2, true, 0.3).Loss / Of(s_kto, 2, true, 0.3).Loss).Should().BeApproximately(3, 1e-12);
        (Of(weighted, 2, false, 0.3).Slope / Of(s_kto, 2, false, 0.3).Slope).Should().BeApproximately(0.5, 1e-12);
        weighted.Loss(2, false, 0.3).Should().BeApproximately(Of(weighted, 2, false, 0.3).Loss, 1e-15);
    }

    [Theory]
    [InlineData(1e6)]
    [InlineData(-1e6)]
    public void Losses_FarAway_AreFinite(double ratio)
    {
        foreach (bool isGood in new[] { true, false })
        {
            (double loss, double slope) = Of(s_kto, ratio, isGood, 0.3);
            loss.Should().BeApproximately(isGood == ratio > 0 ? 0 : 1, 1e-12);
            slope.Should().Be(0);
            s_kto.Loss(ratio, isGood, 0.3).Should().BeApproximately(loss, 1e-12);
        }
    }

    private static (double Loss, double Slope) Of(FeedbackObjective objective, double ratio, bool isGood, double baseline)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ratios = tensor(new[] { ratio }, requires_grad: true);
        Tensor losses = objective.Losses(ratios, tensor(new[] { isGood ? 1.0 : 0 }), tensor(baseline));
        losses.sum().backward();
        return (losses[0].item<double>(), ratios.grad![0].item<double>());
    }
}
