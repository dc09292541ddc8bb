using System.Diagnostics;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Bench.MemoryForecast;

// MemoryForecast [shape ...]: the forecast of a run's peak memory against what the run then takes, each shape in a process of its own (Linux).
// A child is given '--child' and a shape's name.
if (args is ["--child", string name])
{
    Console.WriteLine(JsonSerializer.Serialize(MeasuredRun.Of(BenchShape.All.Single(shape => shape.Name == name))));
    return;
}

JsonSerializerOptions indented = new() { WriteIndented = true };
List<MeasuredRun> runs = [];
foreach (BenchShape shape in BenchShape.All.Where(shape => args.Length == 0 || args.Contains(shape.Name)))
{
    ProcessStartInfo start = new(Environment.ProcessPath!, ["--child", shape.Name]) { RedirectStandardOutput = true };
    using Process child = Process.Start(start)!;
    string output = child.StandardOutput.ReadToEnd();
    child.WaitForExit();
    if (child.ExitCode != 0)
        throw new InvalidOperationException($"'{shape.Name}' ended with exit code {child.ExitCode}.");
    runs.Add(JsonSerializer.Deserialize<MeasuredRun>(output)!);
    Console.Error.WriteLine(
        $"{shape.Name}: forecast {runs[^1].ForecastMegabytes:F0} MiB, measured {runs[^1].MeasuredMegabytes:F0} MiB, ratio {runs[^1].Ratio:F3}");
}
Console.WriteLine(JsonSerializer.Serialize(runs, indented));
