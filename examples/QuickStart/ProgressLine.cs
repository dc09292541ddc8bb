using System.Globalization;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>One line that is written over while training runs; in a file or a pipe, a line now and then.</summary>
internal sealed class ProgressLine : IProgress<DpoProgress>
{
    private const int LinesWhenRedirected = 20;
    private int _lastLength;

    /// <summary>Shows a step. Called on the training thread.</summary>
    public void Report(DpoProgress value)
    {
        bool last = value.Step == value.TotalSteps;
        if (Console.IsOutputRedirected)
        {
            if (last || value.Step % Math.Max(1, value.TotalSteps / LinesWhenRedirected) == 0) Console.WriteLine(Format(value));
            return;
        }
        string line = Format(value);
        Console.Write('\r' + line.PadRight(_lastLength));
        _lastLength = line.Length;
        if (last) Console.WriteLine();
    }

    private static string Format(DpoProgress p) => string.Create(CultureInfo.InvariantCulture,
        $"  step {p.Step}/{p.TotalSteps}  loss {p.Loss:F4}  accuracy {p.Accuracy:P0}  margin {p.Margin:F3}  {p.ExamplesPerSecond:F0} pairs/s  {p.TokensPerSecond:F0} tokens/s  {p.Remaining:m\\:ss} left");
}
