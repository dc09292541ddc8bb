using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>Keeps the numbers of measured pairs where the loss is one of all of them together.</summary>
/// <param name="objective">The loss.</param>
internal sealed class CoupledPairs(PreferenceObjective objective)
{
    private readonly List<double[]> _rows = [];

    /// <summary>Whether there is a need to.</summary>
    public bool AreWanted => objective.Loss.Direction == GradientDirection.Coupled;

    /// <summary>Adds rows of <see cref="PairTerms"/>.</summary>
    public void Add(IEnumerable<double[]> rows) => _rows.AddRange(rows);

    /// <summary>The sum of the losses of the pairs of all ranks; every rank calls it, and gets the same.</summary>
    public double Sum(ICommunicator communicator)
    {
        int width = PairTerms.Width(objective.Loss.Statistics);
        byte[][] all = communicator.AllGather(MemoryMarshal.AsBytes<double>(_rows.SelectMany(row => row).ToArray()));
        return objective.SumOf([.. all.SelectMany(part => MemoryMarshal.Cast<byte, double>(part).ToArray().Chunk(width))]);
    }
}
