using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Log-probabilities and implicit rewards of laid-out sequences. Thread-safe.</summary>
internal sealed class ResponseScorer(SharedNetwork policy, SharedNetwork? reference, ScoringOptions options)
{
    /// <summary>Whether rewards can be computed.</summary>
    public bool HasRewards => reference is not null || options.ReferenceFree;

    /// <summary>The policy's log-probability of each sequence, reduced, nats.</summary>
    public double[] LogProbs(BatchRows rows) => LogProbs(policy, rows);

    /// <summary>Beta times what each sequence's log-probability is above the reference's.</summary>
    public double[] Rewards(BatchRows rows, double[] logProbs)
    {
        double[] theirs = reference is not null ? LogProbs(reference, rows) : new double[logProbs.Length];
        return [.. logProbs.Zip(theirs, (ours, other) => options.Beta * (ours - other))];
    }

    private double[] LogProbs(SharedNetwork shared, BatchRows rows)
    {
        SharedNetwork lease = shared.Share(); // keeps the network alive through the pass, whoever disposes meanwhile
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            MiniMindNetwork network = lease.Network;
            DeviceBatch batch = new(rows, options.Mode, network.Device);
            Tensor sums = NetworkScorer.Sums(network, batch, options.LogitsBudget);
            return SequenceLogProbs.Reduce(sums, batch, options.Reduction).cpu().data<double>().ToArray();
        }
        finally
        {
            lease.Release();
        }
    }
}
