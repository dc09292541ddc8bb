using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
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

    /// <summary>The rewards of sequences by their log-probabilities, as the loss has them.</summary>
    public double[] Rewards(BatchRows rows, double[] logProbs)
    {
        double[] theirs = reference is not null ? LogProbs(reference, rows) : new double[logProbs.Length];
        using DisposeScope scope = NewDisposeScope();
        return options.Objective.Rewards(tensor(logProbs), tensor(theirs), tensor(rows.LossTokens)).data<double>().ToArray();
    }

    /// <summary>The probability that the chosen side of a pair is preferred, as the loss models it.</summary>
    public double Probability(double margin) => options.Loss.Probability(margin);

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
