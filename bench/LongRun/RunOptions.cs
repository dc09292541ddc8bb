using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>The trainer's options for a command line.</summary>
internal static class RunOptions
{
    public static DpoTrainer.Options Of(LongRunOptions options, PretrainedModel model, int pairs, IDataView heldOut, MemoryTrace memory)
    {
        int every = options.EvaluateEvery > 0 ? options.EvaluateEvery : Math.Max(1, pairs / options.BatchSize * options.Epochs / 10);
        ValidationOptions validation = new() { Data = heldOut, EverySteps = every, SamplePrompts = 0 };
        RunDirectoryOptions? run = options.Run is null ? null : new() { Folder = options.Run };
        return options.MiniMind
            ? DpoTrainer.Options.MiniMind(model, options.Epochs, options.BatchSize, maxLength: options.MaxLength) with
            {
                Validation = validation,
                RunDirectory = run,
                Progress = memory,
            }
            : new()
            {
                Model = model, Epochs = options.Epochs, BatchSize = options.BatchSize, MaxLength = options.MaxLength, LearningRate = options.LearningRate,
                Beta = options.Beta, Reduction = LogProbReduction.Sum, LogInterval = 10, Validation = validation, RunDirectory = run, Progress = memory,
            };
    }
}
