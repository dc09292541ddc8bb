namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>A preference pair ready for training.</summary>
/// <param name="Chosen">The preferred response with its prompt.</param>
/// <param name="Rejected">The other response with the same prompt.</param>
/// <param name="Line">The line of its file, for messages; 0 where unknown.</param>
internal sealed record PreferenceExample(Response Chosen, Response Rejected, long Line)
{
    /// <summary>How much the pair counts: above 0, and 1 for a pair like any other.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>By how much the chosen reward is to exceed the rejected one before the loss takes them for equal; 0 for none.</summary>
    public double Offset { get; init; }

    /// <summary>How many leading input tokens both sides share; both sides keep at least one of their own.</summary>
    public int SharedPrefix { get; } = CommonPrefix(Chosen, Rejected);

    /// <summary>Whether an answer that counts ends before the sides part: one of an earlier turn, which both have.</summary>
    public bool SharesEarlierAnswer
    {
        get
        {
            if (Chosen.InputIds.Length == 0 || Rejected.InputIds.Length == 0 || Chosen.InputIds[0] != Rejected.InputIds[0])
                return false;
            int shared = Chosen.Labels.AsSpan().CommonPrefixLength(Rejected.Labels);
            return EndsWithin(Chosen.LossMask.AsSpan(0, shared)) || EndsWithin(Rejected.LossMask.AsSpan(0, shared));
        }
    }

    private static bool EndsWithin(ReadOnlySpan<byte> mask)
    {
        int first = mask.IndexOfAnyExcept((byte)0);
        return first >= 0 && mask[first..].Contains((byte)0);
    }

    private static int CommonPrefix(Response chosen, Response rejected)
    {
        int limit = Math.Min(chosen.NeededLength, rejected.NeededLength) - 1;
        return limit <= 0 ? 0 : chosen.InputIds.AsSpan(0, limit).CommonPrefixLength(rejected.InputIds.AsSpan(0, limit));
    }
}
