using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Puts a trainer's options to work: optimizer, loop, observers.</summary>
internal static class TrainingEngine
{
    /// <summary>How batches are laid out and computed.</summary>
    public static BatchOptions BatchOptions(TrainingOptions options, ComputeSettings compute) => new(
        options.BatchShape, options.HeadOnResponsesOnly, options.MaxLength - 1, options.Model.Tokenizer.PadTokenId ?? 0,
        BalanceRealTokensOnly: options.Padding != BatchPadding.MaxLength, compute.Type, options.MaxLogitsMegabytes * (1L << 18), options.GradientCheckpointing);

    /// <summary>Trains the network in place.</summary>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TrainingState Run(TrainingOptions options, MiniMindNetwork network, ITrainingTask task, ComputeSettings compute, IChannel channel, TrainingWatch watch)
    {
        if (network.Config.Dropout > 0) torch.manual_seed(options.Seed);
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)), options.Optimizer.DecayNorms);
        using IOptimizer optimizer = options.Optimizer.Create(parameters);
        GradientScaler? scaler = compute.Precision == ComputePrecision.Fp16 ? new GradientScaler(new GradientScalerOptions()) : null;
        LoopOptions loopOptions = new()
        {
            Epochs = options.Epochs, BatchSize = options.BatchSize, AccumulationSteps = options.AccumulationSteps, RowBudget = options.MaxRowsPerPass,
            Seed = options.Seed, Shuffle = options.Shuffle, LongestFirst = options.Padding != BatchPadding.MaxLength, LearningRate = options.LearningRate,
            Schedule = options.Schedule.Schedule, MaxGradientNorm = options.MaxGradientNorm, ComputeType = compute.Type,
        };
        TrainingState state = new() { Network = network, Parameters = parameters, Optimizer = optimizer, Scaler = scaler, Task = task };
        using TrainingLoop loop = new(task, parameters, optimizer, loopOptions, scaler);
        try
        {
            ITrainingObserver[] observers = [.. watch.Observers(state, loop.Plan), new ProgressReporter(options.Progress, channel)];
            new TrainingRun(loop, state, observers, options.LogInterval).Run(options.CancellationToken);
            Validator.ReturnBest(state);
            return state;
        }
        finally
        {
            state.Best?.Dispose();
        }
    }
}
