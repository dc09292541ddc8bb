using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

public sealed class RocAreaTests
{
    [Theory]
    [InlineData(new double[] { 1, 2, 3, 4 }, new[] { false, false, true, true }, 1)]
    [InlineData(new double[] { 1, 2, 3, 4 }, new[] { true, true, false, false }, 0)]
    [InlineData(new double[] { 5, 5, 5 }, new[] { true, false, true }, 0.5)]
    [InlineData(new double[] { 0, 0, 1, 2 }, new[] { true, false, false, true }, 0.625)] // of four: half, none, one, one
    [InlineData(new double[] { -2, 7 }, new[] { false, true }, 1)]
    public void Of_SmallCases_IsTheShareOfPairsInOrder(double[] scores, bool[] isGood, double area) => RocArea.Of(scores, isGood).Should().Be(area);

    [Fact]
    public void Of_ManyScoresWithTies_IsWhatCountingPairsGives()
    {
        Random random = new(5);
        double[] scores = [.. Enumerable.Range(0, 300).Select(_ => (double)random.Next(40))];
        bool[] isGood = [.. scores.Select(score => random.Next(60) < score)];
        double[] good = [.. scores.Where((_, i) => isGood[i])], bad = [.. scores.Where((_, i) => !isGood[i])];

        double counted = good.Average(above => bad.Average(below => above > below ? 1 : above == below ? 0.5 : 0));

        RocArea.Of(scores, isGood).Should().BeApproximately(counted, 1e-12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_OneLabelOnly_IsNotANumber(bool label) => RocArea.Of([1, 2], [label, label]).Should().Be(double.NaN);
}
