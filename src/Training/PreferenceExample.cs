namespace MiniMind.MLNet.Dpo.Training;

/// <summary>A preference pair ready for training.</summary>
/// <param name="Chosen">The preferred response with its prompt.</param>
/// <param name="Rejected">The other response with the same prompt.</param>
/// <param name="Line">The line of its file, for messages; 0 where unknown.</param>
internal sealed record PreferenceExample(Response Chosen, Response Rejected, long Line)
{
    /// <summary>How many leading input tokens both sides share; both sides keep at least one of their own.</summary>
    public int SharedPrefix { get; } = CommonPrefix(Chosen, Rejected);

    private static int CommonPrefix(Response chosen, Response rejected)
    {
        int limit = Math.Min(chosen.NeededLength, rejected.NeededLength) - 1;
        return limit <= 0 ? 0 : chosen.InputIds.AsSpan(0, limit).CommonPrefixLength(rejected.InputIds.AsSpan(0, limit));
    }
}
