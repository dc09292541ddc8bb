using System.Globalization;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>One line that is written over while training runs; in a file or a pipe, a line now and then.</summary>
internal sealed class ProgressLine : IProgress<DpoProgress>
{
    private const int LinesWhenRedirected = 20;
    private int _lastLength;
    private long _nextLine;

    /// <summary>Shows a step. Called on the training thread.</summary>
    public void Report(DpoProgress value)
    {
        bool last = value.Step == value.TotalSteps;
        if (Console.IsOutputRedirected)
        {
            if (!last && value.Step < _nextLine) return;
            _nextLine = value.Step + value.TotalSteps / LinesWhenRedirected;
            Console.WriteLine(Format(value));
            return;
        }
        string line = Format(value);
        if (Console.WindowWidth > 1 && line.Length >= Console.WindowWidth) line = line[..(Console.WindowWidth - 1)]; // a wrapped line could not be written over
        Console.Write('\r' + line.PadRight(_lastLength));
        _lastLength = line.Length;
        if (last) Console.WriteLine();
    }

    private static string Format(DpoProgress p) => string.Create(CultureInfo.InvariantCulture,
        $"  step {p.Step}/{p.TotalSteps}  {(int)p.Remaining.TotalMinutes}:{p.Remaining.Seconds:00} left  loss {p.Loss:F4}  accuracy {100 * p.Accuracy:F0}%  margin {p.Margin:F3}  {p.ExamplesPerSecond:F0} pairs/s  {p.TokensPerSecond:F0} tokens/s  {100 * p.PaddingShare:F0}% padding  {p.ResidentBytes >> 20} MB");
}
