using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;


namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Scores sides of pairs, many in one forward pass, a shared prompt once where both sides are asked for. Thread-safe.</summary>
/// <param name="scorer">Runs the networks.</param>
/// <param name="mostRows">The most rows of a forward pass over several examples; 0 for no limit.</param>
internal sealed class PairScorer(ResponseScorer scorer, long mostRows)
{
    /// <summary>Whether rewards can be computed.</summary>
    public bool HasRewards => scorer.HasRewards;

    /// <summary>Refuses what was scored earlier, as scoring does, once the networks were let go of.</summary>
    /// <exception cref="ObjectDisposedException">They were.</exception>
    public void ThrowIfReleased() => scorer.ThrowIfReleased();

    /// <summary>The probability that the chosen side of a pair is preferred, as the loss models it.</summary>
    public double Probability(PairScores scores) => scorer.Probability(scores.Chosen.Reward, scores.Rejected.Reward);

    /// <summary>Scores in order.</summary>
    /// <param name="chosen">The chosen sides; <see langword="null"/> where only the rejected ones are asked for.</param>
    /// <param name="rejected">The rejected sides; <see langword="null"/> where only the chosen ones are asked for.</param>
    /// <param name="withRewards">Whether rewards are asked for; without, the reference does not run.</param>
    /// <returns>One per pair; what is not asked for, and a side without a counted token, is not a number.</returns>
    public PairScores[] Score(IReadOnlyList<Response>? chosen, IReadOnlyList<Response>? rejected, bool withRewards)
    {
        PairScores[] scores = new PairScores[(chosen ?? rejected)!.Count];
        Array.Fill(scores, PairScores.None);
        int[] left = Usable(chosen), right = Usable(rejected), both = [.. left.Intersect(right)];

        (left, right) = ([.. left.Except(both)], [.. right.Except(both)]);
        foreach (int[] pass in Passes(both, i => chosen![i].NeededLength + rejected![i].NeededLength))
            ScorePairs(pass, chosen!, rejected!, withRewards, scores);
        foreach (int[] pass in Passes(left, i => chosen![i].NeededLength))
            Score([.. pass.Select(i => chosen![i])], withRewards, (i, side) => scores[pass[i]] = scores[pass[i]] with { Chosen = side });
        foreach (int[] pass in Passes(right, i => rejected![i].NeededLength))
            Score([.. pass.Select(i => rejected![i])], withRewards, (i, side) => scores[pass[i]] = scores[pass[i]] with { Rejected = side });
        return scores;
    }

    private IEnumerable<int[]> Passes(int[] which, Func<int, long> rows) =>
        RowGroups.Of(which.Length, group => group.Sum(i => rows(which[i])), int.MaxValue, mostRows).Select(group => group.Select(i => which[i]).ToArray());

    private static int[] Usable(IReadOnlyList<Response>? responses) =>
        responses is null ? [] : [.. Enumerable.Range(0, responses.Count).Where(i => responses[i].LossTokens > 0)];

    private void ScorePairs(int[] which, IReadOnlyList<Response> chosen, IReadOnlyList<Response> rejected, bool withRewards, PairScores[] scores)
    {
        PreferenceExample[] pairs = [.. which.Select(i => new PreferenceExample(chosen[i], rejected[i], 0))];
        BatchRows rows = BatchBuilder.Pairs(pairs, BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false,
            withTails: withRewards && scorer.Objective.HasTails);
        if (!withRewards)
        {
            double[] logProbs = scorer.LogProbs(rows);
            for (int i = 0; i < which.Length; i++)
                scores[which[i]] = new PairScores(new(logProbs[i], double.NaN), new(logProbs[which.Length + i], double.NaN));
            return;
        }
        PairScores[] scored = scorer.Pairs(rows);
        for (int i = 0; i < which.Length; i++)
            scores[which[i]] = scored[i];
    }

    private void Score(Response[] responses, bool withRewards, Action<int, SideScores> take)
    {
        BatchRows rows = BatchBuilder.Responses(responses, BatchShape.Packed, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false);
        SideScores[] sides = Score(rows, withRewards);
        for (int i = 0; i < sides.Length; i++)
            take(i, sides[i]);
    }

    private SideScores[] Score(BatchRows rows, bool withRewards)
    {
        double[] logProbs = scorer.LogProbs(rows);
        double[]? rewards = withRewards ? scorer.Rewards(rows, logProbs) : null;
        return [.. logProbs.Select((logProb, i) => new SideScores(logProb, rewards?[i] ?? double.NaN))];
    }
}
