using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Scores pairs, many in one forward pass, each pair's shared prompt once. Thread-safe.</summary>
internal sealed class PairScorer(ResponseScorer scorer)
{
    /// <summary>Whether rewards can be computed.</summary>
    public bool HasRewards => scorer.HasRewards;

    /// <summary>Scores in order; rewards are not a number where they are not asked for, and nothing is a number where a side has no counted token.</summary>
    public PairScores[] Score(IReadOnlyList<PreferenceExample> pairs, bool withRewards)
    {
        PairScores[] scores = new PairScores[pairs.Count];
        Array.Fill(scores, new PairScores(float.NaN, float.NaN, float.NaN, float.NaN));
        int[] usable = [.. Enumerable.Range(0, pairs.Count).Where(i => pairs[i].Chosen.LossTokens > 0 && pairs[i].Rejected.LossTokens > 0)];
        if (usable.Length == 0) return scores;

        BatchRows rows = BatchBuilder.Pairs([.. usable.Select(i => pairs[i])], BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false);
        float[] logProbs = scorer.LogProbs(rows);
        float[]? rewards = withRewards ? scorer.Rewards(rows, logProbs) : null;
        for (int i = 0; i < usable.Length; i++)
        {
            int rejected = usable.Length + i;
            scores[usable[i]] = new PairScores(logProbs[i], logProbs[rejected], rewards?[i] ?? float.NaN, rewards?[rejected] ?? float.NaN);
        }
        return scores;
    }
}
