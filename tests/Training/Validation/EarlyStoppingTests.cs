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
    [InlineData("0.6 0.6 0.6", 2, 0, true)] // as good as the best is no better
    [InlineData("0.6 0.6", 2, 0, false)]
    [InlineData("0.7 0.6 0.6 0.6", 2, 0, true)]
    [InlineData("0.75 0.5", 1, 0.25, true)] // by just the difference is not by more
    [InlineData("0.75 0.5 0.5", 2, 0.25, true)]
    [InlineData("0.75 0.5 0.25", 1, 0.25, false)] // what counts is the best one, not the last
    [InlineData("0.75 0.4375 0.125", 1, 0.25, false)]
    [InlineData("0.7", 1, 0, false)]
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

    [Fact]
    public void Reason_Ties_NamesTheFirstOfTheBest()
    {
        ValidationPlan plan = new(1, ValidationMetric.Loss, 3, 0.125, false);

        EarlyStopping.Reason(Points(ValidationMetric.Loss, "0.75 0.5 0.5 0.75 0.5"), plan).Should().Be(
            "the last 3 evaluations did not improve 'loss' by more than 0.125 over 0.5 at step 1");
    }

    [Fact]
    public void Reason_NoEvaluation_IsNone() => EarlyStopping.Reason([], new ValidationPlan(1, ValidationMetric.Loss, 1, 0, false)).Should().BeNull();

    [Theory]
    [InlineData(1, 2, 0, true, false)]
    [InlineData(2, 1, 0, false, true)]
    [InlineData(1, 1, 0, false, false)] // a tie is no improvement, in either direction
    [InlineData(1, 1.5, 0.5, false, false)]
    [InlineData(1.5, 1, 0.5, false, false)]
    [InlineData(1, 1.75, 0.5, true, false)]
    [InlineData(double.NaN, 1, 0, false, false)]
    [InlineData(1, double.NaN, 0, true, true)]
    [InlineData(double.NaN, double.NaN, 0, false, false)]
    public void IsBetter_Values_AreComparedInTheMetricsDirection(double value, double other, double by, bool lower, bool higher)
    {
        ValidationMetric.Loss.IsBetter(value, other, by).Should().Be(lower);
        ValidationMetric.Accuracy.IsBetter(value, other, by).Should().Be(higher);
    }

    private static List<ValidationPoint> Points(ValidationMetric metric, string values) =>
        [.. values.Split(' ').Select((value, step) => new ValidationPoint(
            step, 0, new Dictionary<string, double> { [metric.Name] = double.Parse(value, System.Globalization.CultureInfo.InvariantCulture) }, 1,
                default, default))];
}
