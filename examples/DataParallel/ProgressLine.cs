using System.Globalization;
using MiniMind.MLNet.Dpo;

namespace DataParallel;

/// <summary>One line that is written over while training runs; in a file or a pipe, a line now and then. Only rank 0 is told of progress.</summary>
internal sealed class ProgressLine : IProgress<DpoProgress>
{
    private const int LinesWhenRedirected = 10;
    private int _lines;

    /// <summary>Shows a step. Called on the training thread.</summary>
    public void Report(DpoProgress value)
    {
        string line = string.Create(CultureInfo.InvariantCulture,
            $"  step {value.Step}/{value.TotalSteps}  loss {value.Loss:F4}  accuracy {value.Accuracy:P0}  margin {value.Margin:F3}  " +
                $"{value.ExamplesPerSecond:F0} pairs/s  {value.TokensPerSecond:F0} tokens/s  {value.Remaining:m\\:ss} left");
        bool last = value.Step == value.TotalSteps;
        if (!Console.IsOutputRedirected)
        {
            Console.Write($"\r{line}   {(last ? "\n" : "")}");
        }
        else if (last || value.Step * LinesWhenRedirected >= value.TotalSteps * (_lines + 1L))
        {
            Console.WriteLine(line);
            _lines++;
        }
    }
}
