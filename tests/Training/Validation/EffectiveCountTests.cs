using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

/// <summary>(sum of weights)^2 / sum of squared weights.</summary>
public sealed class EffectiveCountTests
{
    [Theory]
    [InlineData("1 1 1", 3)]
    [InlineData("2 2 2", 3)] // what all have says nothing
    [InlineData("0.1 0.1 0.1 0.1 0.1 0.1 0.1", 7)]
    [InlineData("2 1 1", 16.0 / 6)]
    [InlineData("5", 1)]
    public void Of_Weights_IsTheNumberOfPairsThatTellAsMuch(string text, double expected)
    {
        double[] weights = [.. text.Split(' ').Select(weight => double.Parse(weight, System.Globalization.CultureInfo.InvariantCulture))];

        EffectiveCount.Of(weights.Sum(), weights.Sum(weight => weight * weight)).Should().BeApproximately(expected, 1e-12);
    }
}
