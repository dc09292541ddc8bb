namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>Counts what happens, and asks on standard output to be killed at a given moment.</summary>
/// <remarks>
/// After that the run goes on for a few events more and then waits: the kill comes somewhere in between, and however late it is, not much further on.
/// </remarks>
internal static class Report
{
    private static readonly Dictionary<RunEvent, int> s_counts = [];
    private static (RunEvent Event, int Count, int Further)? s_end;
    private static bool s_asked;

    /// <summary>Asks to be killed at the given occurrence of an event in this process.</summary>
    public static void EndAt(RunEvent end, int count, int further) => s_end = (end, count, further);

    public static void Happened(RunEvent happened)
    {
        if (s_end is not { } end)
            return;
        int count = s_counts[happened] = s_counts.GetValueOrDefault(happened) + 1;
        if (!s_asked && happened == end.Event && count == end.Count)
        {
            s_asked = true;
            using Stream output = Console.OpenStandardOutput();
            output.WriteByte((byte)'!');
        }
        else if (s_asked && end.Further > 0)
        {
            s_end = end with { Further = end.Further - 1 };
        }
        if (s_asked && s_end.Value.Further == 0)
            Thread.Sleep(Timeout.Infinite);
    }
}
