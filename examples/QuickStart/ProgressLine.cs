using System.Globalization;
using MiniMind.MLNet.Dpo;

namespace QuickStart;

/// <summary>One line that is written over while training runs; in a file or a pipe, a line now and then.</summary>
internal sealed class ProgressLine : IProgress<DpoProgress>
{
    private const int LinesWhenRedirected = 20;
    private int _lastLength;
    private long _nextLine;
    private bool _open;

    /// <summary>Shows a step. Called on the training thread.</summary>
    public void Report(DpoProgress value)
    {
        bool last = value.Step == value.TotalSteps;
        _open = !last && !Console.IsOutputRedirected;
        if (Console.IsOutputRedirected)
        {
            if (!last && value.Step < _nextLine)
                return;
            _nextLine = value.Step + value.TotalSteps / LinesWhenRedirected;
            Console.WriteLine(Format(value));
            return;
        }
        string line = Format(value);
        if (Console.WindowWidth > 1 && line.Length >= Console.WindowWidth)
            line = line[..(Console.WindowWidth - 1)]; // a wrapped line could not be written over
        Console.Write(line.PadRight(_lastLength) + '\r'); // the next line, or a warning, is written over it
        _lastLength = line.Length;
        if (last)
            Console.WriteLine();
    }

    /// <summary>Goes to a new line where the run ended before its last step.</summary>
    public void Close()
    {
        if (_open)
            Console.WriteLine();
        _open = false;
    }

    private static string Format(DpoProgress p) => string.Create(CultureInfo.InvariantCulture,
        $"  step {p.Step}/{p.TotalSteps}  {TimeLeft.Of(p.Remaining)} left  loss {p.Loss:F4}  accuracy {100 * p.Accuracy:F0}%  margin {p.Margin:F3}  " +
            $"{p.ExamplesPerSecond:F0} pairs/s  {p.TokensPerSecond:F0} tokens/s  {100 * p.PaddingShare:F0}% padding  {p.ResidentBytes >> 20} MB");
}
