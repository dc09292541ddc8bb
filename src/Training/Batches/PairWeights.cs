namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>How much pairs and conversations count: one of weight 2 is the same twice.</summary>
internal static class PairWeights
{
    /// <summary>Whether a conversation counts more or less than another one without a weight.</summary>
    public static bool AreGiven(IReadOnlyList<Response> conversations) => conversations.Any(conversation => conversation.Weight != 1);

    /// <summary>Whether a pair counts more or less than another one without a weight.</summary>
    public static bool AreGiven(IReadOnlyList<PreferenceExample> pairs) => pairs.Any(pair => pair.Weight != 1);

    /// <summary>The weights of some pairs, added up.</summary>
    public static double Sum(IReadOnlyList<PreferenceExample> pairs, ReadOnlySpan<int> examples)
    {
        double sum = 0;
        foreach (int example in examples)
            sum += pairs[example].Weight;
        return sum;
    }

    /// <summary>How often each row of a batch counts in the load-balancing loss: as often as without weights, times its pair's.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="pairs">Its pairs.</param>
    /// <param name="shape">How it is laid out.</param>
    /// <returns>(N).</returns>
    public static float[] OfRows(BatchRows rows, IReadOnlyList<PreferenceExample> pairs, BatchShape shape) =>
        OfParts(rows, Parts(rows, pairs, shape).Select(part => (part.Pair.Weight, part.Length)));

    /// <summary>The same of conversations.</summary>
    public static float[] OfRows(BatchRows rows, IReadOnlyList<Response> conversations, BatchShape shape) => OfParts(rows, conversations.Select(
        conversation => (conversation.Weight, shape == BatchShape.Packed ? conversation.NeededLength : rows.PaddedLength)));

    private static float[] OfParts(BatchRows rows, IEnumerable<(double Weight, long Length)> parts)
    {
        float[] weights = [.. rows.TokenWeights ?? Enumerable.Repeat(1f, rows.InputIds.Length)];
        int row = 0;
        foreach ((double weight, long length) in parts)
        {
            for (long end = row + length; row < end; row++)
                weights[row] *= (float)weight;
        }
        return weights;
    }

    private static IEnumerable<(PreferenceExample Pair, long Length)> Parts(BatchRows rows, IReadOnlyList<PreferenceExample> pairs, BatchShape shape) =>
        shape switch
        {
            BatchShape.PackedWithSharedPrefix => pairs.Select(pair => (pair, (long)pair.Chosen.NeededLength + pair.Rejected.NeededLength - pair.SharedPrefix)),
            BatchShape.Packed => pairs.Select(pair => (pair, (long)pair.Chosen.NeededLength))
                .Concat(pairs.Select(pair => (pair, (long)pair.Rejected.NeededLength))),
            _ => pairs.Concat(pairs).Select(pair => (pair, rows.PaddedLength)),
        };
}
