using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>strftime</c> in the C locale; a minus after the percent sign drops padding, as on Linux.</summary>
internal static class TimeText
{
    public static string Format(RenderContext context, DateTime time, string format)
    {
        StringBuilder text = new();
        for (int i = 0; i < format.Length; i++)
        {
            context.RequireLength(text.Length);
            context.Step();
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            i++;
            bool unpadded = format[i] == '-' && i + 1 < format.Length;
            if (unpadded)
                i++;
            string part = Part(time, format[i])
                ?? throw context.Error($"strftime_now does not know the directive '%{(unpadded ? "-" : "")}{format[i]}'");
            text.Append(unpadded ? Unpadded(part) : part);
        }
        context.ChargeText(text.Length);
        return text.ToString();
    }

    private static string Unpadded(string part)
    {
        int start = 0;
        while (start < part.Length - 1 && part[start] is '0' or ' ')
            start++;
        return part[start..];
    }

    private static string? Part(DateTime time, char directive) => directive switch
    {
        'Y' => Text(time, "yyyy"),
        'y' => Text(time, "yy"),
        'C' => (time.Year / 100).ToString("00", CultureInfo.InvariantCulture),
        'm' => Text(time, "MM"),
        'd' => Text(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'H' => Text(time, "HH"),
        'I' => Text(time, "hh"),
        'M' => Text(time, "mm"),
        'S' => Text(time, "ss"),
        'f' => Text(time, "ffffff"),
        'p' => Text(time, "tt"),
        'a' => Text(time, "ddd"),
        'A' => Text(time, "dddd"),
        'b' or 'h' => Text(time, "MMM"),
        'B' => Text(time, "MMMM"),
        'D' or 'x' => Text(time, "MM'/'dd'/'yy"),
        'F' => Text(time, "yyyy-MM-dd"),
        'T' or 'X' => Text(time, "HH':'mm':'ss"),
        'R' => Text(time, "HH':'mm"),
        'c' => $"{Text(time, "ddd MMM")} {Part(time, 'e')} {Text(time, "HH':'mm':'ss yyyy")}",
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'u' => ((int)(time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("00", CultureInfo.InvariantCulture),
        'W' => ((time.DayOfYear + 6 - (int)(time.DayOfWeek + 6) % 7) / 7).ToString("00", CultureInfo.InvariantCulture),
        'V' => ISOWeek.GetWeekOfYear(time).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(time).ToString("0000", CultureInfo.InvariantCulture),
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string Text(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
