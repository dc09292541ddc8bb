using System.Globalization;

namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>Numbers, times and counts as people read them.</summary>
internal static class Words
{
    /// <summary>A time such as <c>3 s</c>, <c>2 min 5 s</c> or <c>1 h 40 min</c>.</summary>
    public static string Time(TimeSpan time)
    {
        long seconds = (long)Math.Ceiling(Math.Max(0, Math.Min(time.TotalSeconds, int.MaxValue)));
        return seconds switch
        {
            < 60 => Text($"{seconds} s"),
            < 3600 => Text($"{seconds / 60} min {seconds % 60} s"),
            _ => Text($"{seconds / 3600} h {seconds / 60 % 60} min"),
        };
    }

    /// <summary>A number of things, such as <c>1 pair</c>.</summary>
    public static string Count(long number, string noun) => Text($"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>A size of memory.</summary>
    public static string Bytes(long bytes) => bytes >= 10L << 30 ? Text($"{bytes / (double)(1L << 30):F1} GiB") : Text($"{bytes / (double)(1L << 20):F0} MiB");

    /// <summary>A number with few digits.</summary>
    public static string Number(double value) => Text($"{value:0.####}");

    /// <summary>A share in per cent.</summary>
    public static string Percent(double share) => Text($"{100 * share:F1} %");

    /// <summary>A learning rate or another small number.</summary>
    public static string Small(double value) => Text($"{value:0.###e-0}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
