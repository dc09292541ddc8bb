using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace GpuCheck;

/// <summary>Prints what was checked, and remembers whether all of it held.</summary>
/// <param name="folder">Where each stage's result is written when it ends, <c>STAGE.json</c>; <see langword="null"/> for nowhere.</param>
internal sealed class Report(string? folder)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<string> _lines = [], _table = [];
    private bool _stageGood;

    /// <summary>Whether every check held.</summary>
    public bool Good { get; private set; } = true;

    /// <summary>Runs a stage; an error is a check that does not hold, and the next stage has its turn.</summary>
    public void Run(Stage stage, CheckOptions options)
    {
        TimeSpan start = _watch.Elapsed;
        _lines.Clear();
        _stageGood = true;
        Line($"== {stage.Name}");
        if (stage.NeedsGpu && !options.Gpu)
        {
            Line("     needs a GPU: not run");
        }
        else
        {
            try
            {
                stage.Run(options, this);
            }
            catch (Exception fault)
            {
                Hold($"{fault.GetType().Name}: {fault.Message}", false);
            }
        }
        Write(stage, _watch.Elapsed - start);
    }

    /// <summary>A measured number that must stay below a limit.</summary>
    public void Check(string what, double value, double limit) =>
        Hold(string.Create(CultureInfo.InvariantCulture, $"{what}: {value:G3} (at most {limit:G3})"), value <= limit);

    /// <summary>Something that must hold.</summary>
    public void Hold(string what, bool held)
    {
        Good &= held;
        _stageGood &= held;
        Line($"{(held ? "ok  " : "FAIL")} {what}");
    }

    /// <summary>A row of the table at the end.</summary>
    public void Row(string row)
    {
        _table.Add(row);
        _lines.Add(row);
    }

    /// <summary>Prints the table and the verdict.</summary>
    public void End()
    {
        Console.WriteLine(string.Join(Environment.NewLine, _table));
        Line(Good ? "every check holds" : "SOME CHECKS FAILED");
    }

    /// <summary>A line of the log, with the time since the start.</summary>
    public void Line(string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"[{_watch.Elapsed.TotalSeconds,6:F1} s] {text}");
        Console.WriteLine(line);
        _lines.Add(line);
    }

    private void Write(Stage stage, TimeSpan time)
    {
        if (folder is null)
            return;
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, stage.Name + ".json");
        File.WriteAllText(path + ".part", JsonSerializer.Serialize(new { stage = stage.Name, good = _stageGood, seconds = time.TotalSeconds, lines = _lines }));
        File.Move(path + ".part", path, overwrite: true);
    }
}
