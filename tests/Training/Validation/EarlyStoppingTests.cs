using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

public sealed class EarlyStoppingTests
{
    [Theory]
    [InlineData("0.7 0.6 0.5", 2, 0, false)]
    [InlineData("0.7 0.6 0.65", 2, 0, false)]
    [InlineData("0.7 0.6 0.65 0.61", 2, 0, true)]
    [InlineData("0.7 0.6 0.65 0.59", 2, 0, false)]
    [InlineData("0.7 0.69 0.68", 2, 0.05, true)]
    [InlineData("0.7 NaN NaN", 2, 0, true)]
    [InlineData("NaN 0.7 0.8", 2, 0, false)]
    [InlineData("0.7 0.8 0.9", 0, 0, false)]
    public void Reason_Losses_EndsARunThatDoesNotGetBetter(string losses, int patience, double minDelta, bool ends) =>
        (EarlyStopping.Reason(Points(ValidationMetric.Loss, losses), new ValidationPlan(1, ValidationMetric.Loss, patience, minDelta, false)) is not null)
            .Should().Be(ends);

    [Fact]
    public void Reason_MetricThatIsToRise_KnowsItsDirection()
    {
        ValidationPlan plan = new(1, ValidationMetric.Accuracy, 2, 0, false);

        EarlyStopping.Reason(Points(ValidationMetric.Accuracy, "0.5 0.6 0.7"), plan).Should().BeNull();
        EarlyStopping.Reason(Points(ValidationMetric.Accuracy, "0.5 0.7 0.6 0.6"), plan).Should().Contain("'rewards/accuracies'").And.Contain("0.7 at step 1");
    }

    private static List<ValidationPoint> Points(ValidationMetric metric, string values) =>
        [.. values.Split(' ').Select((value, step) => new ValidationPoint(
            step, 0, new Dictionary<string, double> { [metric.Name] = double.Parse(value, System.Globalization.CultureInfo.InvariantCulture) }, 1,
                default, default))];
}
