namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Which experts a row is sent to, and how much each counts.</summary>
internal static class RouterShares
{
    /// <summary>Turns a router's scores into shares: the softmax of the largest ones, and zero for the others.</summary>
    /// <param name="scores">(experts), replaced.</param>
    /// <param name="count">How many experts are picked; of equal ones the first.</param>
    /// <param name="normalised">Whether the shares are scaled to sum to one.</param>
    public static void Pick(Span<float> scores, int count, bool normalised)
    {
        float largest = scores[0], total = 0, kept = 0;
        foreach (float score in scores)
            largest = MathF.Max(largest, score);
        foreach (ref float score in scores)
            total += score = MathF.Exp(score - largest);
        Span<bool> picked = stackalloc bool[scores.Length];
        for (int pick = 0; pick < count; pick++)
        {
            int best = -1;
            for (int expert = 0; expert < scores.Length; expert++)
            {
                if (!picked[expert] && (best < 0 || scores[expert] > scores[best]))
                    best = expert;
            }
            picked[best] = true;
            kept += scores[best];
        }
        for (int expert = 0; expert < scores.Length; expert++)
            scores[expert] = picked[expert] ? MathF.Max(scores[expert] / (normalised ? kept : total), float.Epsilon) : 0; // picked ones are told by not being 0
    }
}
