using MiniMind.MLNet.Dpo.Training.Validation;


namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

public sealed class WilsonIntervalTests
{
    [Theory]
    [InlineData(8, 10, 0.4901625, 0.9433178)] // statsmodels' proportion_confint(method="wilson")
    [InlineData(0, 5, 0, 0.4344825)]
    [InlineData(10, 10, 0.7224672, 1)]
    [InlineData(29.5, 59, 0.3764, 0.6236)]
    public void Of_KnownShares_GivesKnownIntervals(double successes, long count, double lower, double upper)
    {
        (double actualLower, double actualUpper) = WilsonInterval.Of(successes, count);

        actualLower.Should().BeApproximately(lower, 1e-4);
        actualUpper.Should().BeApproximately(upper, 1e-4);
    }
}
