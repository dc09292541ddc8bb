using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

/// <summary>What a few answers come to.</summary>
public sealed class FeedbackAveragesTests
{
    private static readonly double[] s_rewards = [0.5, -0.25, 0, 0.75, -1], s_logProbs = [-10, -20, -30, -40, -50];
    private static readonly bool[] s_isGood = [true, true, true, false, false];

    [Fact]
    public void Of_Answers_AreMeansByLabel()
    {
        FeedbackAverages averages = FeedbackAverages.Of(s_rewards, s_logProbs, s_isGood, null, 0);

        (averages.Good, averages.Bad, averages.Right).Should().Be((3, 2, 2.5), "two have the sign of their label, and one has none");
        averages.GoodReward.Should().BeApproximately(0.25 / 3, 1e-15);
        averages.BadReward.Should().Be(-0.125);
        (averages.GoodLogProb, averages.BadLogProb).Should().Be((-20, -45));
        averages.Area.Should().BeApproximately(3.0 / 6, 1e-15, "of the six pairs the good one is above in three: all three above -1, none above 0.75");
        averages.Loss.Should().Be(double.NaN, "it is not known");
    }

    [Fact]
    public void Of_AnswersWithALoss_IsItsMean()
    {
        FeedbackObjective objective = new(true, 0.1, 1, 1);

        double loss = FeedbackAverages.Of(s_rewards, s_logProbs, s_isGood, objective, 0.5).Loss;

        loss.Should().BeApproximately(Enumerable.Range(0, 5).Average(i => objective.Loss(s_rewards[i] / 0.1, s_isGood[i], 0.5)), 1e-12);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_OneKindAlone_HasNoMeansOfTheOther(bool good)
    {
        FeedbackAverages averages = FeedbackAverages.Of([0.5, 1], [-1, -3], [good, good], null, 0);

        (averages.GoodReward, averages.GoodLogProb).Should().Be(good ? (0.75, -2) : (double.NaN, double.NaN));
        (averages.BadReward, averages.BadLogProb).Should().Be(good ? (double.NaN, double.NaN) : (0.75, -2));
        averages.Area.Should().Be(double.NaN);
        averages.Right.Should().Be(good ? 2 : 0);
    }

    [Fact]
    public void Named_HasEveryNumber()
    {
        Dictionary<string, double> named = new FeedbackAverages(0.6, 3, 0.8, 3, 1, 0.5, -0.25, -10, -20).Named();

        (double lower, double upper) = WilsonInterval.Of(3, 4);
        named.Should().BeEquivalentTo(new Dictionary<string, double>
        {
            [MetricNames.Loss] = 0.6, [MetricNames.Accuracy] = 0.75, [MetricNames.AccuracyLower] = lower, [MetricNames.AccuracyUpper] = upper,
            [MetricNames.RocArea] = 0.8, [MetricNames.Margin] = 0.75, [MetricNames.ChosenReward] = 0.5, [MetricNames.RejectedReward] = -0.25,
            [MetricNames.ChosenLogProb] = -10, [MetricNames.RejectedLogProb] = -20, [MetricNames.GoodShare] = 0.75,
        });
    }
}
