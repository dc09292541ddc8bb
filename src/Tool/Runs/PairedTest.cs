namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>Two runs on the same held-out pairs, pair by pair.</summary>
/// <param name="Pairs">How many pairs both have scores for.</param>
/// <param name="Difference">By how much the second run's log-prob margin is the larger one, in nats.</param>
/// <param name="MeanChance">How often signs at random give a mean difference as far from 0 (a permutation test, two-sided).</param>
/// <param name="FirstOnly">Pairs that only the first run gets right.</param>
/// <param name="SecondOnly">Pairs that only the second run gets right.</param>
/// <param name="ShareChance">How often a fair coin deals such pairs as unevenly (McNemar's test, exact, two-sided).</param>
internal sealed record PairedTest(
    int Pairs, MeanInterval Difference, double MeanChance, int FirstOnly, int SecondOnly, double ShareChance)
{
    private const int Permutations = 20_000, Seed = 42, EnumeratedPairs = 14;

    /// <summary>Compares; <see langword="null"/> where no pair has scores of both.</summary>
    public static PairedTest? Of(PairScoreRows first, PairScoreRows second)
    {
        // the same pair may be there several times: the first of one goes with the first of the other
        ILookup<string, PairScoreRow> others = second.Rows.ToLookup(row => row.Pair);
        (PairScoreRow First, PairScoreRow Second)[] couples = [.. first.Rows.GroupBy(row => row.Pair)
            .SelectMany(group => group.Zip(others[group.Key]))
            .Where(couple => double.IsFinite(couple.First.LogProbMargin) && double.IsFinite(couple.Second.LogProbMargin))];
        if (couples.Length == 0)
            return null;
        double[] differences = [.. couples.Select(couple => couple.Second.LogProbMargin - couple.First.LogProbMargin)];
        int firstOnly = couples.Count(couple => couple.First.LogProbMargin > 0 && couple.Second.LogProbMargin <= 0);
        int secondOnly = couples.Count(couple => couple.First.LogProbMargin <= 0 && couple.Second.LogProbMargin > 0);
        return new PairedTest(couples.Length, MeanInterval.Of(differences), OfSigns(differences), firstOnly, secondOnly, OfCoin(firstOnly, secondOnly));
    }

    /// <summary>The share of all signs of the differences, or of many at random, whose sum lies as far from 0.</summary>
    internal static double OfSigns(IReadOnlyList<double> differences)
    {
        double observed = Math.Abs(differences.Sum()) * (1 - 1e-12);
        if (differences.Count <= EnumeratedPairs)
        {
            int all = 1 << differences.Count;
            int far = Enumerable.Range(0, all).Count(signs =>
                Math.Abs(differences.Select((value, i) => (signs >> i & 1) == 0 ? value : -value).Sum()) >= observed);
            return (double)far / all;
        }
        Random random = new(Seed);
        int farther = 0;
        for (int i = 0; i < Permutations; i++)
        {
            double sum = 0;
            foreach (double value in differences)
                sum += random.Next(2) == 0 ? value : -value;
            farther += Math.Abs(sum) >= observed ? 1 : 0;
        }
        return (farther + 1.0) / (Permutations + 1); // what was observed is one of them
    }

    /// <summary>The probability of a fair coin's falls being dealt as unevenly.</summary>
    internal static double OfCoin(int heads, int tails)
    {
        int falls = heads + tails, few = Math.Min(heads, tails);
        double logTotal = falls * Math.Log(2), term = 0, sum = 0;
        for (int i = 0; i <= few; i++)
        {
            sum += Math.Exp(term - logTotal);
            term += Math.Log(falls - i) - Math.Log(i + 1);
        }
        return Math.Min(1, 2 * sum);
    }
}
