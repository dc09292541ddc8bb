using System.Globalization;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>Numbers as a report shows them.</summary>
internal static class ReportNumbers
{
    /// <summary>A number with as many digits as tell something.</summary>
    public static string Of(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>A whole number with separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share in percent.</summary>
    public static string Percent(double? share) => share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %") : "–";

    /// <summary>A share with its interval, where there is one.</summary>
    public static string Percent(double? share, double? lower, double? upper) =>
        lower is null || upper is null ? Percent(share)
        : string.Create(CultureInfo.InvariantCulture, $"{Percent(share)} [{100 * lower:0.0}, {100 * upper:0.0}]");

    /// <summary>A moment as records write it, without what nobody asks for; any other text as it is.</summary>
    public static string Moment(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset moment)
        ? moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) : text;

    /// <summary>A time.</summary>
    public static string Time(double seconds) => !double.IsFinite(seconds) || Math.Abs(seconds) > 1e9 ? Of(seconds)
        : seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
        : TimeSpan.FromSeconds(seconds).ToString(seconds < 86400 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
