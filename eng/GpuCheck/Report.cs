using System.Diagnostics;
using System.Globalization;

namespace GpuCheck;

/// <summary>Prints what was checked, and remembers whether all of it held.</summary>
internal sealed class Report
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<string> _table = [];

    /// <summary>Whether every check held.</summary>
    public bool Good { get; private set; } = true;

    /// <summary>A measured number that must stay below a limit.</summary>
    public void Check(string what, double value, double limit)
    {
        bool held = value <= limit;
        Good &= held;
        Line(string.Create(CultureInfo.InvariantCulture, $"{(held ? "ok  " : "FAIL")} {what}: {value:G3} (at most {limit:G3})"));
    }

    /// <summary>A row of the table at the end.</summary>
    public void Row(string row) => _table.Add(row);

    /// <summary>Prints the table and the verdict.</summary>
    public void End()
    {
        Console.WriteLine(string.Join(Environment.NewLine, _table));
        Line(Good ? "every check holds" : "SOME CHECKS FAILED");
    }

    /// <summary>A line of the log, with the time since the start.</summary>
    public void Line(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_watch.Elapsed.TotalSeconds,6:F1} s] {text}"));
}
