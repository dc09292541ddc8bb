using System.Globalization;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>How training goes, in a few lines of text: a bar, the time left, loss and margin as curves.</summary>
internal sealed class ProgressCurves
{
    private const int NumberWidth = 10;

    private readonly List<double> _losses = [], _margins = [];
    private DpoProgress? _last;

    /// <summary>Takes a measurement.</summary>
    public void Add(DpoProgress progress)
    {
        _losses.Add(progress.Loss);
        _margins.Add(progress.Margin);
        _last = progress;
    }

    /// <summary>The lines, each at most as wide as given.</summary>
    public IReadOnlyList<string> Lines(int width)
    {
        if (_last is not { } last)
            return ["preparing"];
        double share = last.TotalSteps == 0 ? 1 : (double)last.Step / last.TotalSteps;
        string told = string.Create(CultureInfo.InvariantCulture,
            $" {100 * share,3:F0} %  step {last.Step}/{last.TotalSteps}  {Words.Time(last.Remaining)} left");
        int bar = Math.Clamp(width - told.Length - 1, 10, 40);
        int full = (int)(share * bar);
        List<string> lines = [new string('█', full) + new string('░', bar - full) + told, Curve("loss", last.Loss, _losses, width)];
        if (double.IsFinite(last.Margin))
            lines.Add(Curve("margin", last.Margin, _margins, width));
        lines.Add(Numbers(last));
        return [.. lines.Select(line => line.Length < width ? line : line[..Math.Max(0, width - 1)])];
    }

    /// <summary>A measurement in one line.</summary>
    public static string Line(DpoProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"step {progress.Step}/{progress.TotalSteps}  {Words.Time(progress.Remaining)} left  loss {progress.Loss:F4}  ")
        + (double.IsFinite(progress.Margin) ? string.Create(CultureInfo.InvariantCulture, $"margin {progress.Margin:F3}  ") : "") + Numbers(progress);

    /// <summary>A forecast in one line, with the rates that were tried below where there are any.</summary>
    public static string Line(TrainingForecast forecast) => string.Create(CultureInfo.InvariantCulture,
        $"{Words.Count(forecast.Parameters, "parameter")} in {Words.Count(forecast.TotalSteps - forecast.Step, "step")}, ")
        + $"{Words.Bytes(forecast.PeakBytes)} at most{(forecast.LearningRates is { } rates ? $"\n{rates}" : "")}";

    private static string Numbers(DpoProgress progress) =>
        (double.IsFinite(progress.Accuracy) ? string.Create(CultureInfo.InvariantCulture, $"accuracy {100 * progress.Accuracy:F0} %  ") : "")
        + string.Create(CultureInfo.InvariantCulture,
            $"rate {progress.Point.LearningRate:0.##e-0}  {progress.ExamplesPerSecond:F1} rows/s  {progress.TokensPerSecond:F0} tokens/s  ")
        + Words.Bytes(progress.ResidentBytes);

    private static string Curve(string name, double now, IReadOnlyList<double> values, int width) => string.Create(CultureInfo.InvariantCulture,
        $"{name,-8}{now,NumberWidth:F4}  {Sparkline.Of(values, Math.Clamp(width - NumberWidth - 11, 1, 60))}");
}
