using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.LoadProbe;

/// <summary>A run's forecast against what the run then takes at most, in a process that has done nothing else (Linux).</summary>
internal static class ForecastScenario
{
    /// <summary>
    /// Trains, and writes the bytes forecast for the peak, the peak, the bytes forecast for the largest pass, and the process's own bytes after the fifth step
    /// and the last.
    /// </summary>
    /// <param name="tokenizerFolder">Holds the tokenizer's files.</param>
    /// <param name="shape">Hidden size, layers, pairs in a pass, tokens of a conversation.</param>
    /// <param name="kind">What is not as by default.</param>
    /// <param name="steps">How many steps, of four different ones.</param>
    public static int Run(string tokenizerFolder, int[] shape, string kind, int steps)
    {
        const int different = 4;
        (int hidden, int layers, int pairs, int length) = (shape[0], shape[1], shape[2], shape[3]);
        MLContext context = new(seed: 1);
        ModelConfig config = new() { HiddenSize = hidden, LayerCount = layers, MaxPositions = 1024 };
        if (kind == "experts")
            config = config with { Experts = new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = config.IntermediateSize / 2 } };
        TrainingForecast? forecast = null;
        using PretrainedModel model = PretrainedModel.CreateRandom(config, tokenizerFolder, seed: 1);
        Reports progress = new();
        DpoTrainer.Options options = new()
        {
            Model = model, BatchSize = pairs, LearningRate = 1e-5, Reference = ReferenceMode.Live, Epochs = (steps + different - 1) / different,
            LogInterval = 1, Guards = GuardOptions.None, Forecast = new First(made => forecast ??= made), Progress = progress,
        };
        options = kind switch
        {
            "checkpointing" => options with { GradientCheckpointing = true },
            "padded" => options with { Padding = BatchPadding.MaxLength, SharePrompts = false, MaxLength = length },
            "adapter" => options with { Adapter = new LoraOptions() },
            "usual heap" => options with { TuneNativeHeap = false },
            "default" or "experts" => options,
            _ => throw new ArgumentException($"'{kind}' is no kind of run.", nameof(kind)),
        };
        using DpoTransformer trained = new DpoTrainer(context, options).Fit(
            context.Data.LoadFromEnumerable(ForecastRow.Make(different * pairs, config.VocabularySize, length).ToList()));
        Console.WriteLine(FormattableString.Invariant(
            $"{forecast!.PeakBytes} {Status("VmHWM")} {forecast.PassBytes} {progress.Early} {progress.Last}"));
        return 0;
    }

    /// <summary>Bytes that Linux has for the process: <c>VmHWM</c>, the most that was resident, or <c>RssAnon</c>, what of it is no file's now.</summary>
    private static long Status(string name)
    {
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private sealed class First(Action<TrainingForecast> made) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => made(value);
    }

    /// <summary>Notes the process's own memory at two steps.</summary>
    private sealed class Reports : IProgress<DpoProgress>
    {
        public long Early { get; private set; }

        public long Last { get; private set; }

        public void Report(DpoProgress value)
        {
            Last = Status("RssAnon");
            if (value.Step == 5)
                Early = Last;
        }
    }
}
