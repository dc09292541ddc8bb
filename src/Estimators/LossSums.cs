using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Adds up the losses of scored pairs from what scoring kept for it.</summary>
/// <param name="objective">The loss; where it couples pairs it is that of all of them together.</param>
/// <param name="read">Reads a pair's row of <see cref="PairTerms"/>.</param>
internal sealed class LossSums(PreferenceObjective objective, ValueGetter<VBuffer<double>> read)
{
    private const int Block = 1024; // pairs whose losses are computed at once

    private readonly CoupledPairs _coupled = new(objective);
    private readonly List<double[]> _rows = [];
    private readonly List<double> _weights = [], _offsets = [];
    private VBuffer<double> _terms;
    private double _sum;

    /// <summary>Adds the pair that the cursor shows.</summary>
    /// <param name="weight">How much it counts.</param>
    /// <param name="offset">What its margin asks for.</param>
    /// <exception cref="InvalidOperationException">The pair has a weight, and the loss couples pairs.</exception>
    public void Add(double weight, double offset)
    {
        if (_coupled.AreWanted && weight != 1)
        {
            throw new InvalidOperationException(
                $"Loss {objective.Loss.Name} couples pairs and takes no weights, but a pair has weight {weight}. Set {nameof(ScoreColumns)}." +
                $"{nameof(ScoreColumns.Weight)} to null to leave the weights out of account.");
        }

        _weights.Add(weight);
        _offsets.Add(offset);
        read(ref _terms);
        _rows.Add([.. _terms.DenseValues()]);
        if (_rows.Count == Block)
            Finish();
    }

    /// <summary>The sum of the losses: of this rank's pairs, so that all ranks' sums are that of all pairs.</summary>
    public double Sum(ICommunicator communicator)
    {
        Finish();
        return !_coupled.AreWanted ? _sum : _coupled.Sum(communicator) / communicator.Size;
    }

    private void Finish()
    {
        if (_coupled.AreWanted)
            _coupled.Add(_rows);
        else
            _sum += objective.SumOf(_rows, [.. _weights], objective.Margin is null ? null : [.. _offsets]);
        _rows.Clear();
        _weights.Clear();
        _offsets.Clear();
    }
}
