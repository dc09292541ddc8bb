using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Words what is wrong with numeric options, all at once.</summary>
internal static class OptionFaults
{
    /// <summary>A fault unless 0 &lt;= value &lt; 1.</summary>
    public static string? UnlessFraction(string name, double value) =>
        value is >= 0 and < 1 ? null : Fault(name, value, "at least 0 and below 1");

    /// <summary>A fault unless the value is finite and above 0.</summary>
    public static string? UnlessPositive(string name, double value) =>
        double.IsFinite(value) && value > 0 ? null : Fault(name, value, "finite and above 0");

    /// <summary>A fault unless the value is finite and at least 0.</summary>
    public static string? UnlessNotNegative(string name, double value) =>
        double.IsFinite(value) && value >= 0 ? null : Fault(name, value, "finite and not negative");

    /// <summary>A fault unless the value is finite and above 1.</summary>
    public static string? UnlessAboveOne(string name, double value) =>
        double.IsFinite(value) && value > 1 ? null : Fault(name, value, "finite and above 1");

    /// <summary>Throws where there are faults.</summary>
    /// <exception cref="ArgumentException">The message lists every fault.</exception>
    public static void Throw(string owner, params IEnumerable<string?> faults)
    {
        string[] found = [.. faults.OfType<string>()];
        if (found.Length > 0)
            throw new ArgumentException($"{owner}: {string.Join("; ", found)}.");
    }

    private static string Fault(string name, double value, string right) =>
        $"{name} is {value.ToString(CultureInfo.InvariantCulture)}; it must be {right}";
}
