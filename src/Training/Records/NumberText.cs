using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>How numbers are written into files.</summary>
internal static class NumberText
{
    /// <summary>The shortest text that reads back as the same number, whatever the culture.</summary>
    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
