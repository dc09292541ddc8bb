namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>The area under the ROC curve: the probability that a good one has a higher score than a bad one, a tie counted half.</summary>
internal static class RocArea
{
    /// <summary>The area, from the sum of the good ones' ranks, where ties share their mean rank (Mann and Whitney 1947).</summary>
    /// <param name="scores">The scores; none is NaN.</param>
    /// <param name="isGood">Whether each is a good one.</param>
    /// <returns>Not a number where there is no good or no bad one.</returns>
    public static double Of(IReadOnlyList<double> scores, IReadOnlyList<bool> isGood)
    {
        int[] order = [.. Enumerable.Range(0, scores.Count).OrderBy(i => scores[i])];
        double ranks = 0, good = 0;
        for (int first = 0, next; first < order.Length; first = next)
        {
            next = first + 1;
            while (next < order.Length && scores[order[next]] == scores[order[first]])
                next++;
            double rank = (first + 1 + next) / 2.0;
            int tied = order[first..next].Count(i => isGood[i]);
            ranks += rank * tied;
            good += tied;
        }
        double bad = order.Length - good;
        return good == 0 || bad == 0 ? double.NaN : (ranks - good * (good + 1) / 2) / (good * bad);
    }
}
