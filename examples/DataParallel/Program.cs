using System.Globalization;
using System.Runtime.InteropServices;
using DataParallel;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;

DataParallelOptions options;
try
{
    options = DataParallelOptions.Parse(args);
}
catch (ArgumentException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
if (options.Help)
{
    Console.WriteLine(DataParallelOptions.Usage);
    return 0;
}

using ICommunicator joined = ProcessGroup.Join(new MpiOptions { Timeout = options.Timeout });
using ICommunicator communicator = options.Gpu && joined.Size > 1 ? new NcclCommunicator(joined, ProcessGroup.LocalRank) : joined;

// mpirun passes Ctrl-C on as one of these signals; all processes stop after the same step
using CancellationTokenSource stop = new();
void Stop(PosixSignalContext context)
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

MLContext mlContext = new(seed: 42);
using PretrainedModel model = File.Exists(Path.Combine(options.Model, "config.json"))
    ? PretrainedModel.Load(options.Model)
    : PretrainedModel.CreateRandom(new ModelConfig { VocabularySize = 1024, HiddenSize = 128, LayerCount = 4 }, options.Model, seed: 1);
IDataView pairs = mlContext.Preferences.LoadFromJsonl(options.Data, options.FileOptions); // every process reads all of it
DpoTrainer trainer = mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options
{
    Model = model,
    Communicator = communicator,
    Device = options.Gpu ? ComputeDevice.Cuda(ProcessGroup.LocalRank) : ComputeDevice.Cpu,
    Threads = options.Threads,
    BatchSize = options.BatchSize,
    AccumulationSteps = options.Accumulation,
    Epochs = options.Epochs,
    LearningRate = options.LearningRate,
    LogInterval = 5,
    Checkpoints = options.Checkpoints is null ? null : new CheckpointOptions { Folder = options.Checkpoints, EverySteps = 20 },
    Progress = new ProgressLine(),
    CancellationToken = stop.Token,
});

bool reports = communicator.Rank == 0;
if (reports)
{
    string library = joined is MpiCommunicator mpi ? mpi.LibraryVersion.Split(',')[0] : "no launcher";
    Console.WriteLine(
        $"{communicator.Size} processes ({library}), {options.Threads} threads and {options.BatchSize * options.Accumulation} pairs a step each; " +
        $"{model.ParameterCount:N0} parameters");
}
try
{
    using var trained = mlContext.Transforms.PreparePreferencePairs(model).Append(trainer).Fit(pairs);
    if (!reports)
        return 0;

    TrainingSummary summary = trained.LastTransformer.TrainingSummary;
    double[] losses = [.. summary.History.Select(point => point.Metrics[MetricNames.Loss])];
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  loss {losses[0]:F4} at the start, {losses[losses.Length / 2]:F4} half way, {losses[^1]:F4} at the end; {summary.Steps} steps on " +
            $"{summary.Examples} pairs in {summary.Elapsed.TotalSeconds:F1} s"));
    if (options.Output is { } folder)
    {
        trained.LastTransformer.SaveModel(folder);
        Console.WriteLine($"  saved to {Path.GetFullPath(folder)}");
    }
    return 0;
}
catch (OperationCanceledException cancelled)
{
    if (reports)
        Console.WriteLine($"\n  {cancelled.Message}");
    return 0;
}
