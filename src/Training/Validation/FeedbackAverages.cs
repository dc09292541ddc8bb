using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>What measured answers come to, by their labels; what needs answers that are not there is not a number.</summary>
/// <param name="Loss">The mean loss; not a number where the loss is not known.</param>
/// <param name="Right">How many rewards have the sign of their label, 0 counted half.</param>
/// <param name="Area">The area under the ROC curve.</param>
/// <param name="Good">How many answers are good ones.</param>
/// <param name="Bad">How many are bad ones.</param>
/// <param name="GoodReward">Mean reward of the good ones.</param>
/// <param name="BadReward">Mean reward of the bad ones.</param>
/// <param name="GoodLogProb">Mean log-probability of the good ones, nats.</param>
/// <param name="BadLogProb">Mean log-probability of the bad ones, nats.</param>
internal sealed record FeedbackAverages(
    double Loss, double Right, double Area, int Good, int Bad, double GoodReward, double BadReward, double GoodLogProb, double BadLogProb)
{
    /// <summary>Averages over answers.</summary>
    /// <param name="rewards">beta * r of each.</param>
    /// <param name="logProbs">The policy's log-probability of each, nats.</param>
    /// <param name="isGood">Whether each is a good one.</param>
    /// <param name="objective">The loss; <see langword="null"/> where it is not known.</param>
    /// <param name="baseline">Its baseline z, nats.</param>
    public static FeedbackAverages Of(double[] rewards, double[] logProbs, bool[] isGood, FeedbackObjective? objective, double baseline)
    {
        double loss = 0, right = 0;
        double[] sums = new double[4]; // rewards and log-probabilities of the good ones, then of the bad ones
        for (int i = 0; i < rewards.Length; i++)
        {
            loss += objective?.Loss(rewards[i] / objective.Beta, isGood[i], baseline) ?? double.NaN;
            right += RewardAccuracy.Of(isGood[i] ? rewards[i] : -rewards[i], 0);
            sums[isGood[i] ? 0 : 2] += rewards[i];
            sums[isGood[i] ? 1 : 3] += logProbs[i];
        }
        int good = isGood.Count(label => label), bad = isGood.Length - good;
        static double Mean(double sum, int count) => count == 0 ? double.NaN : sum / count;
        return new FeedbackAverages(
            loss / rewards.Length, right, RocArea.Of(rewards, isGood), good, bad, Mean(sums[0], good), Mean(sums[2], bad), Mean(sums[1], good),
            Mean(sums[3], bad));
    }

    /// <summary>Under the names of <see cref="MetricNames"/>.</summary>
    public Dictionary<string, double> Named()
    {
        int count = Good + Bad;
        (double lower, double upper) = WilsonInterval.Of(Right, count);
        return new Dictionary<string, double>
        {
            [MetricNames.Loss] = Loss,
            [MetricNames.Accuracy] = Right / count,
            [MetricNames.AccuracyLower] = lower,
            [MetricNames.AccuracyUpper] = upper,
            [MetricNames.RocArea] = Area,
            [MetricNames.Margin] = GoodReward - BadReward,
            [MetricNames.ChosenReward] = GoodReward,
            [MetricNames.RejectedReward] = BadReward,
            [MetricNames.ChosenLogProb] = GoodLogProb,
            [MetricNames.RejectedLogProb] = BadLogProb,
            [MetricNames.GoodShare] = (double)Good / count,
        };
    }
}
