using System.Globalization;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.MemoryForecast;

/// <summary>A run's forecast and what it then took at most.</summary>
/// <param name="Shape">The shape's name.</param>
/// <param name="ForecastMegabytes">The forecast of the peak, MiB.</param>
/// <param name="MeasuredMegabytes">The process's largest resident set (VmHWM), MiB.</param>
/// <param name="BaseMegabytes">Of the forecast, what was in use before the run, MiB.</param>
/// <param name="PassMegabytes">Of the forecast, the largest forward and backward pass, MiB.</param>
/// <param name="MeasuredPassMegabytes">What the run took beyond the rest of the forecast, MiB.</param>
internal sealed record MeasuredRun(
    string Shape, double ForecastMegabytes, double MeasuredMegabytes, double BaseMegabytes, double PassMegabytes, double MeasuredPassMegabytes)
{
    private const int Steps = 6;
    private const double Mebibyte = 1 << 20;

    public double Ratio => ForecastMegabytes / MeasuredMegabytes;

    public double PassRatio => PassMegabytes / MeasuredPassMegabytes;

    public static MeasuredRun Of(BenchShape shape)
    {
        MLContext context = new(seed: 1);
        ShapeOptions options = shape.Options ?? new ShapeOptions();
        TrainingForecast? forecast = null;
        using PretrainedModel model = PretrainedModel.CreateRandom(shape.Config, Path.Combine(AppContext.BaseDirectory, "model"), seed: 1);
        IDataView pairs = context.Data.LoadFromEnumerable(PreparedRow.Make(Steps * shape.BatchSize, shape.Config.VocabularySize, shape.Length).ToList());
        DpoTrainer trainer = new(context, new DpoTrainer.Options
        {
            Model = model, BatchSize = shape.BatchSize, LearningRate = 1e-5, MaxLength = shape.Length, GradientCheckpointing = options.Checkpointing,
            Precision = options.Precision,
            Padding = options.Padded ? BatchPadding.MaxLength : BatchPadding.None, SharePrompts = !options.Padded, HeadOnResponsesOnly = !options.Padded,
            MaxLogitsMegabytes = options.MaxLogitsMegabytes, Reference = ReferenceMode.Live, Guards = GuardOptions.None,
            Forecast = new First(made => forecast ??= made),
        });
        using DpoTransformer trained = trainer.Fit(pairs);
        double measured = PeakResident() / Mebibyte, forecasted = forecast!.PeakBytes / Mebibyte, pass = forecast.PassBytes / Mebibyte;
        return new MeasuredRun(shape.Name, Math.Round(forecasted, 1), Math.Round(measured, 1), Math.Round(forecast.BaseBytes / Mebibyte, 1),
            Math.Round(pass, 1), Math.Round(measured - forecasted + pass, 1));
    }

    private static long PeakResident()
    {
        string line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private sealed class First(Action<TrainingForecast> made) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => made(value);
    }
}
