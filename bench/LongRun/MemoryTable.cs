using System.Diagnostics;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>Runs each shape in a process of its own, and prints a line of a table for each.</summary>
internal static class MemoryTable
{
    /// <summary>What a shape's process is started with.</summary>
    public const string Child = "memory-of";

    public static void Print(MemoryOptions options)
    {
        Console.WriteLine(
            """
            | shape | forecast, of it the largest pass | the process's own after 1, 10, 50, 90, 100 % of the steps | largest resident set | seconds |
            |---|---|---|---|---|
            """);
        foreach (string shape in options.Shapes)
        {
            ProcessStartInfo start = new(Environment.ProcessPath!, [Child, .. options.ForShape(shape)]) { RedirectStandardOutput = true };
            using Process child = Process.Start(start)!;
            string output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            if (child.ExitCode != 0)
                throw new InvalidOperationException($"'{shape}' ended with exit code {child.ExitCode}.");
            MemoryRun run = JsonSerializer.Deserialize<MemoryRun>(output)!;
            Console.WriteLine(FormattableString.Invariant(
                $"| {shape} | {run.Forecast:F0}, {run.Pass:F0} MiB | {string.Join(", ", run.At)} MiB | {run.Peak:F0} MiB, ") +
                FormattableString.Invariant($"{100 * run.Peak / run.Forecast:F0} % of the forecast | {run.Seconds:F0} |"));
        }
    }
}
