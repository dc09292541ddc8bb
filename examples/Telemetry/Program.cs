using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Modeling;
using OpenTelemetry;
using OpenTelemetry.Metrics;

// Trains a tiny untrained model, and lets OpenTelemetry print what it measures every two seconds. For a dashboard, put
// AddOtlpExporter() (package OpenTelemetry.Exporter.OpenTelemetryProtocol) in the place of AddConsoleExporter(...).
// Without any code: dotnet-counters monitor --name Telemetry --counters MiniMind.MLNet.Dpo
string folder = Path.GetFullPath(args.Length > 0 ? args[0] : Path.Combine("runs", "telemetry"));
string[] shown =
[
    "minimind.training.steps", "minimind.training.examples", "minimind.training.loss", "minimind.training.rewards.margins",
    "minimind.training.rewards.accuracies", "minimind.training.tokens_per_second",
];

using MeterProvider meters = Sdk.CreateMeterProviderBuilder()
    .AddMeter(TrainingTelemetry.MeterName)
    .AddView(instrument => shown.Contains(instrument.Name) ? null : MetricStreamConfiguration.Drop) // all of them without this line
    .AddConsoleExporter((_, reader) => reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 2000)
    .Build();

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

MLContext mlContext = new(seed: 42);
ModelConfig shape = new() { VocabularySize = 1024, HiddenSize = 64, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512 };
using PretrainedModel model = PretrainedModel.CreateRandom(shape, Path.Combine(AppContext.BaseDirectory, "model"), seed: 42);
IDataView pairs = mlContext.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl"));
var pipeline = mlContext.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = 256 })
    .Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options
    {
        Model = model,
        LearningRate = 5e-4,
        BatchSize = 8,
        Epochs = 2,
        Threads = 1, // so small a model is no faster with more
        LogInterval = 5,
        RunDirectory = new RunDirectoryOptions { Folder = folder },
        Checkpoints = new CheckpointOptions { Folder = Path.Combine(folder, "checkpoints") }, // after Ctrl-C the same command goes on
        CancellationToken = stop.Token,
    }));
try
{
    using var trained = pipeline.Fit(pairs);
    Console.WriteLine($"\n{trained.LastTransformer.TrainingSummary.Steps} steps.");
}
catch (OperationCanceledException)
{
    Console.WriteLine("\nStopped.");
}
meters.ForceFlush();
Console.WriteLine($"Curves, metrics and TensorBoard's files are in {folder}: open curves.svg, or tensorboard --logdir {Path.GetDirectoryName(folder)}");
