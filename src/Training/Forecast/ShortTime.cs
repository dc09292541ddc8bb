namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>Spans of time as people say them: in the largest unit that fits and the next one.</summary>
internal static class ShortTime
{
    /// <summary>Such as <c>3 s</c>, <c>2 min 5 s</c>, <c>1 h 40 min</c>, <c>2 d 3 h</c>.</summary>
    public static string Of(TimeSpan time)
    {
        TimeSpan left = TimeSpan.FromSeconds(Math.Ceiling(Math.Max(0, time.TotalSeconds)));
        return left switch
        {
            { TotalDays: >= 1 } => $"{left.Days} d {left.Hours} h",
            { TotalHours: >= 1 } => $"{left.Hours} h {left.Minutes} min",
            { TotalMinutes: >= 1 } => $"{left.Minutes} min {left.Seconds} s",
            _ => $"{left.Seconds} s",
        };
    }
}
