using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Adds up what held-out pairs give, in double precision.</summary>
internal sealed class PreferenceSums
{
    private double _pairs, _positions, _loss, _right, _chosenReward, _rejectedReward, _chosenLogProb, _rejectedLogProb, _divergence;

    /// <summary>Adds a batch of B pairs.</summary>
    /// <param name="losses">Losses and rewards, (B) each.</param>
    /// <param name="logProbs">The policy's reduced log-probabilities, chosen over rejected, (2 * B), fp64, nats.</param>
    public void Add(PreferenceLosses losses, Tensor logProbs)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] loss = Host(losses.Losses), chosen = Host(losses.ChosenRewards), rejected = Host(losses.RejectedRewards), ours = Host(logProbs);
        for (int i = 0; i < loss.Length; i++)
        {
            _loss += loss[i];
            _right += RewardAccuracy.Of(chosen[i], rejected[i]);
            _chosenReward += chosen[i];
            _rejectedReward += rejected[i];
            _chosenLogProb += ours[i];
            _rejectedLogProb += ours[loss.Length + i];
        }
        _pairs += loss.Length;
    }

    /// <summary>Adds the divergences of some response positions.</summary>
    public void AddDivergence(double sum, long positions)
    {
        _divergence += sum;
        _positions += positions;
    }

    /// <summary>Takes in what the other ranks added up; every rank calls it.</summary>
    /// <returns>Whether every rank measured its whole part.</returns>
    public bool Complete(ICommunicator communicator, bool whole)
    {
        double[] sums = [_pairs, _positions, _loss, _right, _chosenReward, _rejectedReward, _chosenLogProb, _rejectedLogProb, _divergence];
        bool complete = RankSums.Complete(communicator, sums, whole);
        (_pairs, _positions, _loss, _right, _chosenReward, _rejectedReward, _chosenLogProb, _rejectedLogProb, _divergence) =
            (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8]);
        return complete;
    }

    /// <summary>Averages under the names of <see cref="MetricNames"/>; a margin of exactly 0 counts half in the accuracy.</summary>
    public IReadOnlyDictionary<string, double> Averages()
    {
        (double lower, double upper) = WilsonInterval.Of(_right, (long)_pairs);
        Dictionary<string, double> averages = new()
        {
            [MetricNames.Loss] = _loss / _pairs,
            [MetricNames.Accuracy] = _right / _pairs,
            [MetricNames.AccuracyLower] = lower,
            [MetricNames.AccuracyUpper] = upper,
            [MetricNames.Margin] = (_chosenReward - _rejectedReward) / _pairs,
            [MetricNames.ChosenReward] = _chosenReward / _pairs,
            [MetricNames.RejectedReward] = _rejectedReward / _pairs,
            [MetricNames.ChosenLogProb] = _chosenLogProb / _pairs,
            [MetricNames.RejectedLogProb] = _rejectedLogProb / _pairs,
        };
        if (_positions > 0)
            averages[MetricNames.KlDivergence] = _divergence / _positions;
        return averages;
    }

    private static double[] Host(Tensor values) => values.cpu().data<double>().ToArray();
}
