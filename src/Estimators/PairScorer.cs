using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Scores pairs with a policy and, if there is one, a reference: many rows in one forward pass. Thread-safe.</summary>
internal sealed class PairScorer(SharedNetwork policy, SharedNetwork? reference, ScoringOptions options)
{
    /// <summary>Whether rewards can be computed.</summary>
    public bool HasRewards => reference is not null || options.ReferenceFree;

    /// <summary>Scores in order; rewards are not a number where they cannot be computed or are not asked for.</summary>
    public PairScores[] Score(IReadOnlyList<PreferenceExample> pairs, bool withRewards)
    {
        PairScores[] scores = new PairScores[pairs.Count];
        Array.Fill(scores, new PairScores(float.NaN, float.NaN, float.NaN, float.NaN));
        int[] usable = [.. Enumerable.Range(0, pairs.Count).Where(i => pairs[i].Chosen.LossTokens > 0 && pairs[i].Rejected.LossTokens > 0)];
        if (usable.Length == 0) return scores;

        BatchRows rows = BatchBuilder.Pairs([.. usable.Select(i => pairs[i])], BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false);
        float[] ours = LogProbs(policy, rows);
        float[]? theirs = !withRewards ? null : reference is not null ? LogProbs(reference, rows) : new float[ours.Length];
        for (int i = 0; i < usable.Length; i++)
        {
            float Reward(int sequence) => theirs is null ? float.NaN : (float)options.Beta * (ours[sequence] - theirs[sequence]);
            scores[usable[i]] = new PairScores(ours[i], ours[usable.Length + i], Reward(i), Reward(usable.Length + i));
        }
        return scores;
    }

    /// <summary>Log-probability of each sequence, chosen over rejected, reduced, nats.</summary>
    private float[] LogProbs(SharedNetwork shared, BatchRows rows)
    {
        SharedNetwork lease = shared.Share(); // keeps the network alive through the pass, whoever disposes meanwhile
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            MiniMindNetwork network = lease.Network;
            DeviceBatch batch = new(rows, options.ComputeType, network.Device);
            Tensor sums = NetworkScorer.Sums(network, batch, options.LogitsBudget);
            return SequenceLogProbs.Reduce(sums, batch, options.Reduction).cpu().data<float>().ToArray();
        }
        finally
        {
            lease.Release();
        }
    }
}
