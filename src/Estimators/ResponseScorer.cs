using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Log-probabilities and implicit rewards of laid-out sequences. Thread-safe.</summary>
internal sealed class ResponseScorer(SharedNetwork policy, SharedNetwork? reference, ScoringOptions options)
{
    /// <summary>Whether rewards can be computed.</summary>
    public bool HasRewards => reference is not null || options.ReferenceFree;

    /// <summary>The loss with its beta and reduction.</summary>
    public PreferenceObjective Objective { get; } = options.Objective;

    /// <summary>Refuses to go on once the policy was let go of.</summary>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    public void ThrowIfReleased() => ObjectDisposedException.ThrowIf(policy.IsReleased, typeof(MiniMindNetwork));

    /// <summary>The policy's log-probability of each sequence, reduced, nats; of sequences that are summed in one part.</summary>
    public double[] LogProbs(BatchRows rows) => Reduced(Sums(policy, rows, collisions: false), rows);

    /// <summary>The rewards of sequences by their log-probabilities, as the loss has them.</summary>
    public double[] Rewards(BatchRows rows, double[] logProbs)
    {
        double[] theirs = Reduced(ReferenceSums(rows), rows);
        using DisposeScope scope = NewDisposeScope();
        return Objective.Rewards(tensor(logProbs), tensor(theirs), tensor(rows.LossTokens)).data<double>().ToArray();
    }

    /// <summary>All scores of laid-out pairs.</summary>
    public PairScores[] Pairs(BatchRows rows)
    {
        double[] ours = Sums(policy, rows, Objective.HasCollisions), theirs = ReferenceSums(rows);
        using DisposeScope scope = NewDisposeScope();
        PairLogProbs pairs = Objective.Pairs(tensor(ours), tensor(theirs), tensor(rows.LossTokens));
        double[] logProbs = pairs.Policy.data<double>().ToArray();
        double[] rewards = Objective.Rewards(pairs.Policy, pairs.Reference, pairs.Labels).data<double>().ToArray();
        int count = logProbs.Length / 2;
        double[][] terms = PairTerms.Rows(ours, theirs, rows.LossTokens, count);
        return [.. Enumerable.Range(0, count).Select(i =>
            new PairScores(new(logProbs[i], rewards[i]), new(logProbs[count + i], rewards[count + i]), terms[i]))];
    }

    /// <summary>The probability that the chosen side of a pair is preferred, as the loss models it.</summary>
    public double Probability(double chosenReward, double rejectedReward) => Objective.Probability(chosenReward, rejectedReward);

    private double[] ReferenceSums(BatchRows rows) => reference is null ? new double[rows.SumCount] : Sums(reference, rows, collisions: false);

    private double[] Reduced(double[] sums, BatchRows rows)
    {
        using DisposeScope scope = NewDisposeScope();
        return PairTerms.Reduce(tensor(sums), tensor(rows.LossTokens), options.Reduction).data<double>().ToArray();
    }

    private double[] Sums(SharedNetwork shared, BatchRows rows, bool collisions)
    {
        SharedNetwork lease = shared.Share(); // keeps the network alive through the pass, whoever disposes meanwhile
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            MiniMindNetwork network = lease.Network;
            return NetworkScorer.Sums(network, new DeviceBatch(rows, options.Mode, network.Device), options.LogitsBudget, collisions).cpu().data<double>()
                .ToArray();
        }
        finally
        {
            lease.Release();
        }
    }
}
