using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.LoadProbe;

/// <summary>A run's forecast against what the run then takes at most, in a process that has done nothing else (Linux).</summary>
internal static class ForecastScenario
{
    private const int Steps = 4;

    /// <summary>Trains, and writes the bytes forecast for the peak, the peak, and the bytes forecast for the largest pass.</summary>
    /// <param name="tokenizerFolder">Holds the tokenizer's files.</param>
    /// <param name="shape">Hidden size, layers, pairs in a pass, tokens of a conversation.</param>
    /// <param name="checkpointing">Whether layers are computed twice.</param>
    public static int Run(string tokenizerFolder, int[] shape, bool checkpointing)
    {
        (int hidden, int layers, int pairs, int length) = (shape[0], shape[1], shape[2], shape[3]);
        MLContext context = new(seed: 1);
        ModelConfig config = new() { HiddenSize = hidden, LayerCount = layers, MaxPositions = 1024 };
        TrainingForecast? forecast = null;
        using PretrainedModel model = PretrainedModel.CreateRandom(config, tokenizerFolder, seed: 1);
        DpoTrainer trainer = new(context, new DpoTrainer.Options
        {
            Model = model, BatchSize = pairs, LearningRate = 1e-5, GradientCheckpointing = checkpointing, Reference = ReferenceMode.Live,
            Guards = GuardOptions.None, Forecast = new First(made => forecast ??= made),
        });
        using DpoTransformer trained = trainer.Fit(context.Data.LoadFromEnumerable(ForecastRow.Make(Steps * pairs, config.VocabularySize, length).ToList()));
        string line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        long peak = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        Console.WriteLine(FormattableString.Invariant($"{forecast!.PeakBytes} {peak} {forecast.PassBytes}"));
        return 0;
    }

    private sealed class First(Action<TrainingForecast> made) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => made(value);
    }
}
