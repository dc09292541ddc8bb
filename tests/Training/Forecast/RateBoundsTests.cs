using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

public sealed class RateBoundsTests
{
    private static readonly RateBounds s_bounds = new(LeastMargin: 0.05, MostMargin: 10, MaxChosenDrop: 0.5);

    [Theory]
    [InlineData(0.01, 0.01, 0, LearningRateVerdict.TooSmall)]
    [InlineData(0.04, 0.001, 0, LearningRateVerdict.TooSmall)]
    [InlineData(0.04, 0.03, 0, LearningRateVerdict.Unsure)]
    [InlineData(0.3, 0.1, -0.4, LearningRateVerdict.Moves)]
    [InlineData(0.3, 0.2, -0.4, LearningRateVerdict.Unsure)]
    [InlineData(-0.3, 0.1, 0.1, LearningRateVerdict.Unsure)]
    [InlineData(0.3, 0.1, -0.6, LearningRateVerdict.TooLarge)]
    [InlineData(11, 0.1, 0, LearningRateVerdict.TooLarge)]
    [InlineData(double.NaN, 0.1, 0, LearningRateVerdict.TooLarge)]
    [InlineData(0.3, 0.1, double.NaN, LearningRateVerdict.TooLarge)]
    [InlineData(0.3, double.PositiveInfinity, 0, LearningRateVerdict.Unsure)]
    public void Judge_Prediction_SaysWhatFollows(double margin, double error, double chosen, LearningRateVerdict verdict) =>
        s_bounds.Judge(new PairMovement(margin, error, chosen)).Should().Be(verdict);

    [Fact]
    public void Next_NothingYet_IsTheFirst() => s_bounds.Next([], 1e-6).Should().Be(1e-6);

    [Theory]
    [InlineData(0.3, -0.1, 4e-6)]
    [InlineData(0.001, 0, 1.6e-5)] // far from moving
    [InlineData(0.3, -0.6, 2.5e-7)]
    [InlineData(0.3, -9, 6.25e-8)] // far too large
    public void Next_OneTrial_GoesOnTowardsTheBounds(double margin, double chosen, double next) =>
        s_bounds.Next([Trial(1e-6, margin, chosen)], 1e-6).Should().BeApproximately(next, 1e-12);

    [Fact]
    public void Next_BothSides_MeetsInTheMiddleUntilNear()
    {
        s_bounds.Next([Trial(1e-6, 0.3, -0.1), Trial(4e-6, 0.6, -0.9)], 1e-6).Should().BeApproximately(2e-6, 1e-15);
        s_bounds.Next([Trial(1e-6, 0.3, -0.1), Trial(2e-6, 0.6, -0.9)], 1e-6).Should().BeNull();
    }

    [Fact]
    public void Range_Trials_EndsWhereTheChosenSideReachesTheLimit()
    {
        (double? low, double? high, double? recommended) = s_bounds.Range(
            [Trial(8e-6, 0.9, -2), Trial(1e-6, 0.1, -0.01), Trial(2e-6, 0.2, -0.125), Trial(2.5e-7, 0.02, 0)]);

        low.Should().BeApproximately(5e-7, 1e-12, "a margin of 0.1 at 1e-6 goes with the rate down to 0.05");
        high.Should().BeApproximately(4e-6, 1e-12, "the loss grows with the square of the rate, from 0.125 to 2");
        recommended.Should().Be(2e-6);
    }

    [Fact]
    public void Range_LargestBreaksDown_EndsAtTheTrialBefore()
    {
        (_, double? high, double? recommended) = s_bounds.Range([Trial(1e-6, 0.1, -0.01), Trial(2e-6, 0.2, -0.1), Trial(8e-6, double.NaN, double.NaN)]);

        (high, recommended).Should().Be((2e-6, 1e-6));
    }

    [Fact]
    public void Range_NoneTooLarge_EndsAtTheHighestTried() => s_bounds.Range([Trial(1e-6, 0.1, 0)]).High.Should().Be(1e-6);

    [Fact]
    public void Range_TooSmallAndTooLargeOnly_HasNone() =>
        s_bounds.Range([Trial(1e-6, 0.01, -0.1), Trial(2e-6, 0.02, -2)]).Should().Be((null, null, null));

    [Fact]
    public void Range_MoverAboveATrialThatIsTooLarge_DoesNotCount() =>
        s_bounds.Range([Trial(1e-6, 0.01, -0.1), Trial(2e-6, 0.2, -2), Trial(4e-6, 0.2, -0.1)]).Recommended.Should().BeNull();

    [Fact]
    public void Range_MarginThatFallsAgain_IsTakenAtItsBest()
    {
        double? recommended = s_bounds.Range([Trial(1e-6, 0.6, -0.01), Trial(4e-6, 0.1, -0.1), Trial(1.6e-5, 0.1, -0.2)]).Recommended;

        recommended.Should().Be(1e-6);
    }

    [Fact]
    public void Range_NothingSure_IsTakenByTheChosenSide() => s_bounds.Range([Trial(1e-6, 0.06, 0.01, error: 0.1), Trial(4e-6, 0.2, -0.1, error: 0.4)])
        .Should().Be((1e-6, 4e-6, 2e-6), "a larger error is no reason to take the smaller rate");

    private static LearningRateTrial Trial(double rate, double margin, double chosen, double error = 0.001)
    {
        PairMovement predicted = new(margin, error, chosen);
        return new LearningRateTrial(rate, rate, 8, margin, error, chosen, margin, error, chosen, s_bounds.Judge(predicted));
    }
}
