using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Adds up what held-out pairs give, in double precision.</summary>
/// <remarks>A loss that couples pairs is that of all of them together, whatever the batches.</remarks>
internal sealed class PreferenceSums(PreferenceObjective objective)
{
    private readonly CoupledPairs _coupled = new(objective);
    private double _weight, _squares, _positions, _loss, _right, _chosenReward, _rejectedReward, _chosenLogProb, _rejectedLogProb, _divergence;

    /// <summary>Adds a batch of B pairs.</summary>
    /// <param name="policy">The policy's sums, as <see cref="PairTerms"/> has them.</param>
    /// <param name="reference">The reference's.</param>
    /// <param name="labels">How many labels each sum has.</param>
    /// <param name="weights">How much each pair counts, B of them.</param>
    /// <param name="offsets">What their margins ask for, (B), fp64; <see langword="null"/> where they have none.</param>
    public void Add(Tensor policy, Tensor reference, Tensor labels, ReadOnlySpan<double> weights, Tensor? offsets)
    {
        using DisposeScope scope = NewDisposeScope();
        PairLogProbs pairs = objective.Pairs(policy, reference, labels) with { Offsets = offsets };
        PreferenceLosses losses = objective.Of(pairs);
        double[] loss = Host(losses.Losses), chosen = Host(losses.ChosenRewards), rejected = Host(losses.RejectedRewards), ours = Host(pairs.Policy);
        if (_coupled.AreWanted)
            _coupled.Add(PairTerms.Rows(Host(policy), Host(reference), labels.cpu().data<float>().ToArray(), loss.Length));
        for (int i = 0; i < loss.Length; i++)
        {
            double weight = weights[i];
            _loss += weight * loss[i];
            _right += weight * RewardAccuracy.Of(chosen[i], rejected[i]);
            _chosenReward += weight * chosen[i];
            _rejectedReward += weight * rejected[i];
            _chosenLogProb += weight * ours[i];
            _rejectedLogProb += weight * ours[loss.Length + i];
            _weight += weight;
            _squares += weight * weight;
        }
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
        double[] sums = [_weight, _squares, _positions, _loss, _right, _chosenReward, _rejectedReward, _chosenLogProb, _rejectedLogProb, _divergence];
        bool complete = RankSums.Complete(communicator, sums, whole);
        (_weight, _squares, _positions, _loss, _right, _chosenReward, _rejectedReward, _chosenLogProb, _rejectedLogProb, _divergence) =
            (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8], sums[9]);
        if (_coupled.AreWanted)
            _loss = _coupled.Sum(communicator);
        return complete;
    }

    /// <summary>Weighted averages under the names of <see cref="MetricNames"/>; a margin of exactly 0 counts half in the accuracy.</summary>
    /// <remarks>The accuracy's interval is that of <see cref="EffectiveCount"/> pairs; the divergence is one of positions, without weights.</remarks>
    public IReadOnlyDictionary<string, double> Averages()
    {
        (double lower, double upper) = WilsonInterval.OfShare(_right / _weight, EffectiveCount.Of(_weight, _squares));
        Dictionary<string, double> averages = new()
        {
            [MetricNames.Loss] = _loss / _weight,
            [MetricNames.Accuracy] = _right / _weight,
            [MetricNames.AccuracyLower] = lower,
            [MetricNames.AccuracyUpper] = upper,
            [MetricNames.Margin] = (_chosenReward - _rejectedReward) / _weight,
            [MetricNames.ChosenReward] = _chosenReward / _weight,
            [MetricNames.RejectedReward] = _rejectedReward / _weight,
            [MetricNames.ChosenLogProb] = _chosenLogProb / _weight,
            [MetricNames.RejectedLogProb] = _rejectedLogProb / _weight,
        };
        if (_positions > 0)
            averages[MetricNames.KlDivergence] = _divergence / _positions;
        return averages;
    }

    private static double[] Host(Tensor values) => values.cpu().data<double>().ToArray();
}
