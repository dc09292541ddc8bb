namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Makes pairs of a ranking.</summary>
internal static class Ranking
{
    /// <summary>Adds the pairs of answers that a ranking says, ties counted.</summary>
    /// <param name="answers">The answers with their goodness, the higher the better.</param>
    /// <param name="rankings">Which pairs to make.</param>
    /// <param name="draft">Where to add them.</param>
    public static void AddPairs(IReadOnlyList<(SourceValue Answer, double Goodness)> answers, RankingPairs rankings, PairDraft draft)
    {
        if (rankings == RankingPairs.BestAgainstWorst)
        {
            Add(answers.MaxBy(answer => answer.Goodness), answers.MinBy(answer => answer.Goodness), draft);
            return;
        }
        for (int i = 0; i < answers.Count; i++)
        {
            for (int j = i + 1; j < answers.Count; j++)
                Add(answers[i], answers[j], draft);
        }
    }

    private static void Add((SourceValue Answer, double Goodness) one, (SourceValue Answer, double Goodness) other, PairDraft draft)
    {
        if (one.Goodness > other.Goodness)
            draft.Add(one.Answer, other.Answer);
        else if (one.Goodness < other.Goodness)
            draft.Add(other.Answer, one.Answer);
        else
            draft.AddTie();
    }
}
