using Microsoft.ML;
using MiniMind.MLNet.Dpo.Bench.MemoryForecast;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>What a run forecast and what it took, in MiB.</summary>
/// <param name="Shape">The shape's name.</param>
/// <param name="Forecast">The forecast of the peak.</param>
/// <param name="Base">Of it, what was there before the run.</param>
/// <param name="Pass">Of it, the largest pass.</param>
/// <param name="At">Memory of the process's own after 1, 10, 50, 90 and 100 % of the steps.</param>
/// <param name="Peak">The largest resident set of the process (VmHWM).</param>
/// <param name="Seconds">Time of all steps.</param>
internal sealed record MemoryRun(string Shape, double Forecast, double Base, double Pass, IReadOnlyList<double> At, double Peak, double Seconds)
{
    private const double Mebibyte = 1 << 20;

    public static MemoryRun Of(MemoryOptions options)
    {
        MemoryShape shape = MemoryShape.All.Single(shape => shape.Name == options.Shapes.Single());
        MLContext context = new(seed: 1);
        using PretrainedModel model = PretrainedModel.CreateRandom(shape.Config, Path.Combine(AppContext.BaseDirectory, "model"), seed: 1);
        IDataView pairs = context.Data.LoadFromEnumerable(PreparedRow.Make(shape.Rows, shape.Config.VocabularySize, shape.Length).ToList());
        int stepsPerEpoch = (shape.Rows + shape.BatchSize - 1) / shape.BatchSize;
        StepTrace trace = new(options.Steps);
        TrainingForecast? forecast = null;
        DpoTrainer.Options training = shape.Change(new DpoTrainer.Options
        {
            Model = model, BatchSize = shape.BatchSize, Epochs = (options.Steps + stepsPerEpoch - 1) / stepsPerEpoch, LearningRate = 1e-5,
            MaxLength = shape.Length, Threads = options.Threads, LogInterval = Math.Max(1, options.Steps / 100), Progress = trace, Guards = GuardOptions.None,
            TuneNativeHeap = options.UsualHeap ? false : null, Forecast = new First(made => forecast ??= Begin(made)), ConsoleWarnings = true,
        });
        using DpoTransformer trained = new DpoTrainer(context, training).Fit(pairs);
        return new MemoryRun(shape.Name, Math.Round(forecast!.PeakBytes / Mebibyte), Math.Round(forecast.BaseBytes / Mebibyte),
            Math.Round(forecast.PassBytes / Mebibyte), trace.Points, Math.Round(ProcessMemory.Mebibytes("VmHWM")),
            Math.Round(trained.TrainingSummary.Elapsed.TotalSeconds, 1));
    }

    private static TrainingForecast Begin(TrainingForecast forecast)
    {
        File.WriteAllText("/proc/self/clear_refs", "5"); // the largest resident set is that of now
        return forecast;
    }

    private sealed class First(Action<TrainingForecast> made) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => made(value);
    }
}
