namespace MiniMind.MLNet.Dpo.Transforms.Mixing;

/// <summary>From which of several data sets each row is drawn: a function of the seed and the draw's number alone, the same in every version.</summary>
/// <param name="Probabilities">Of each set, adding up to 1.</param>
/// <param name="Until">When the mixture ends.</param>
/// <param name="Seed">Draws anew.</param>
internal sealed record MixRule(IReadOnlyList<double> Probabilities, MixUntil Until, int Seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15; // 2^64 over the golden ratio, SplitMix64's step

    /// <summary>The set of a draw.</summary>
    /// <param name="number">The draw's, counted from 0.</param>
    public int Draw(ulong number)
    {
        double place = (Mix(Mix((ulong)(uint)Seed + Golden) + (number + 1) * Golden) >> 11) * Math.ScaleB(1, -53); // from 0, below 1
        int set = 0;
        for (double end = Probabilities[0]; set < Probabilities.Count - 1 && place >= end; end += Probabilities[set])
            set++;
        return set;
    }

    // the finisher of SplitMix64 (Steele, Lea and Flood 2014)
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
