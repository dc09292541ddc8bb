using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

public sealed class PairMovementTests
{
    private static readonly PairSides[] s_before = [new(1, -10, 4), new(-1, -30, 12)], s_after = [new(1.5, -14, 4), new(0.5, -42, 12)];

    [Fact]
    public void Of_SamePairs_ComparesEachWithItself()
    {
        PairMovement movement = PairMovement.Of(s_before, s_after, LogProbReduction.Sum);

        movement.Margin.Should().Be(1, "the mean of 0.5 and 1.5");
        movement.MarginError.Should().BeApproximately(0.5, 1e-12, "their deviation, the root of 0.5, over the root of 2");
        movement.Chosen.Should().Be(-1, "16 nats over 16 tokens");
    }

    [Theory]
    [InlineData(LogProbReduction.Sum)]
    [InlineData(LogProbReduction.Mean)]
    public void Of_WholeWeights_EqualThePairsAsOften(LogProbReduction reduction)
    {
        PairSides[] Weighted(PairSides[] pairs) => [pairs[0] with { Weight = 6 }, pairs[1] with { Weight = 2 }];
        PairSides[] Often(PairSides[] pairs) => [pairs[0], pairs[0], pairs[0], pairs[1]];

        PairMovement weighted = PairMovement.Of(Weighted(s_before), Weighted(s_after), reduction);
        PairMovement often = PairMovement.Of(Often(s_before), Often(s_after), reduction);

        weighted.Margin.Should().BeApproximately(often.Margin, 1e-12);
        weighted.Chosen.Should().BeApproximately(often.Chosen, 1e-12);
        weighted.MarginError.Should().BeGreaterThan(often.MarginError, "a weight is no second observation");
        PairMovement.Of(s_before[..1], s_after[..1], reduction).MarginError.Should().Be(double.PositiveInfinity);
    }

    [Fact]
    public void Of_Means_AreNatsPerTokenAlready() => PairMovement.Of(s_before, s_after, LogProbReduction.Mean).Chosen.Should().Be(-8);
}
