namespace QuickStart;

/// <summary>The time that a run still takes, as people say it.</summary>
internal static class TimeLeft
{
    /// <summary>Such as <c>3 s</c>, <c>2 min 5 s</c> or <c>1 h 40 min</c>.</summary>
    public static string Of(TimeSpan time)
    {
        long seconds = (long)Math.Ceiling(Math.Max(0, time.TotalSeconds));
        return seconds switch
        {
            < 60 => $"{seconds} s",
            < 3600 => $"{seconds / 60} min {seconds % 60} s",
            _ => $"{seconds / 3600} h {seconds / 60 % 60} min",
        };
    }
}
