using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Bench.MemoryForecast;

namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>A variant's steps.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="PeakMegabytes">The process's largest resident set while it trained, without what the runtime takes (MiB): weights, gradients, optimizer,
/// activations.</param>
/// <param name="RuntimeMegabytes">What was resident before there was a model (MiB).</param>
/// <param name="TrainedParameters">Weights that are trained.</param>
/// <param name="StateMegabytes">Trained weights with their gradients and optimizer state (MiB).</param>
/// <param name="WeightMegabytes">All weights, once where policy and reference share them (MiB).</param>
/// <param name="PassMegabytes">What the forecast counts for a pass at its peak: activations, logits, gradients within a layer (MiB).</param>
/// <param name="ManagedMegabytes">What the managed heap has grown by, as it is committed after the last step (MiB).</param>
/// <param name="FileMegabytes">What of files has become resident: the code of libraries that steps run (MiB).</param>
/// <param name="StepSeconds">The median step by the clock.</param>
/// <param name="ProcessorSeconds">The median step in seconds of processors: the steadier of the two where others use the machine.</param>
internal sealed record MeasuredStep(
    string Variant, double PeakMegabytes, double RuntimeMegabytes, long TrainedParameters, double StateMegabytes, double WeightMegabytes, double PassMegabytes,
        double ManagedMegabytes, double FileMegabytes, double StepSeconds, double ProcessorSeconds)
{
    private const int Steps = 7, Warm = 2;
    private const double Mebibyte = 1 << 20;

    /// <summary>Trains a few steps in this process, which should do nothing else.</summary>
    public static MeasuredStep Of(StepShape shape, StepVariant variant)
    {
        MLContext context = new(seed: 1);
        TrainingForecast? forecast = null;
        List<(TimeSpan Clock, TimeSpan Processor)> ends = [];
        // libtorch and its threads are the runtime's
        using (PretrainedModel tiny = Model(shape with { Config = new() { HiddenSize = 64, LayerCount = 1 } }))
            _ = tiny.ParameterCount;
        double runtime = Memory("VmRSS:"), files = Memory("RssFile:"), managed = Managed();
        using PretrainedModel model = variant.Adapter?.BaseFormat is { } format and not FrozenFormat.Float32 ? Converted(shape, format) : Model(shape);
        File.WriteAllText("/proc/self/clear_refs", "5"); // sets the peak back to what is resident now
        IDataView pairs = context.Data.LoadFromEnumerable(PreparedRow.Make(Steps * shape.BatchSize, shape.Config.VocabularySize, shape.Length).ToList());
        DpoTrainer trainer = new(context, new DpoTrainer.Options
        {
            Model = model, Adapter = variant.Adapter is null ? null : variant.Adapter with { BaseFormat = FrozenFormat.Float32 },
            FreezeLayers = (int)(variant.FrozenShare * shape.Config.LayerCount),
            BatchSize = shape.BatchSize, LearningRate = 1e-5, MaxLength = shape.Length, GradientCheckpointing = variant.Checkpointing,
            Precision = variant.Precision,
            Reference = ReferenceMode.Live, Guards = GuardOptions.None, LogInterval = 1, Forecast = new Told<TrainingForecast>(made => forecast ??= made),
            Progress = new Told<DpoProgress>(step => ends.Add((step.Point.Elapsed, Environment.CpuUsage.TotalTime))),
        });
        using DpoTransformer trained = trainer.Fit(pairs);
        double peak = Memory("VmHWM:");
        return new MeasuredStep(
            variant.Name, Math.Round(peak - runtime), Math.Round(runtime), forecast!.Parameters,
                Math.Round((forecast.Parameters * 4 + forecast.GradientBytes + forecast.OptimizerBytes) / Mebibyte, 1),
            Math.Round(forecast.WeightBytes / Mebibyte, 1), Math.Round(forecast.PassBytes / Mebibyte, 1), Math.Round(Managed() - managed, 1),
            Math.Round(Memory("RssFile:") - files, 1), Median(ends.Select(end => end.Clock)), Median(ends.Select(end => end.Processor)));
    }

    private static PretrainedModel Model(StepShape shape) => PretrainedModel.CreateRandom(shape.Config, Path.Combine(AppContext.BaseDirectory, "model"),
        seed: 1);

    private static PretrainedModel Converted(StepShape shape, FrozenFormat format)
    {
        using PretrainedModel model = Model(shape);
        return model.InFormat(format);
    }

    private static double Median(IEnumerable<TimeSpan> ends)
    {
        double[] times = [.. ends.Zip(ends.Skip(1), (earlier, later) => (later - earlier).TotalSeconds).Skip(Warm - 1).Order()];
        return Math.Round(times[times.Length / 2], 4);
    }

    private static double Managed() => GC.GetTotalMemory(forceFullCollection: false) / Mebibyte;

    private static double Memory(string key)
    {
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    private sealed class Told<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
