using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Puts a trainer's options to work: optimizer, loop, observers.</summary>
internal static class TrainingEngine
{
    /// <summary>How batches are laid out and computed.</summary>
    /// <remarks>
    /// Rows of padding to the maximum are left out, and so are labels that do not count: attention is causal, so the loss depends on none of them. Only a
    /// load-balancing loss sees them, and has them.
    /// </remarks>
    public static BatchOptions BatchOptions(TrainingOptions options, ComputeSettings compute)
    {
        bool padsToMaximum = options.BatchShape == BatchShape.PaddedToMaximum;
        bool balances = options.Model.Config.Experts is { AuxLossCoefficient: > 0 };
        return new BatchOptions(
            padsToMaximum && !balances ? BatchShape.Packed : options.BatchShape, options.HeadOnResponsesOnly || padsToMaximum, options.MaxLength - 1,
            options.Model.Tokenizer.PadTokenId ?? 0, BalanceRealTokensOnly: !padsToMaximum, compute.Mode, LogitsMegabytes(options, compute) * (1L << 18),
            options.GradientCheckpointing);
    }

    /// <summary>Refuses sequences that are longer than what they are padded to.</summary>
    /// <param name="options">They say what that is, if anything.</param>
    /// <param name="sequences">The sequences, with the lines that they come from.</param>
    /// <exception cref="InvalidDataException">There is such a sequence.</exception>
    public static void RequireLength(TrainingOptions options, IEnumerable<(Response Response, long Line)> sequences)
    {
        if (options.Padding != BatchPadding.MaxLength)
            return;
        foreach ((Response response, long line) in sequences)
        {
            if (response.InputIds.Length > options.MaxLength - 1)
            {
                throw new InvalidDataException(
                    $"{(line > 0 ? $"Line {line}: a" : "A")} sequence has {response.InputIds.Length} input tokens, but with {nameof(options.Padding)} " +
                    $"{options.Padding} and {nameof(options.MaxLength)} {options.MaxLength} there is room for {options.MaxLength - 1}. Prepare the data with " +
                    "the same maximum length.");
            }
        }
    }

    /// <summary>The most MiB of logits at once: what was asked for, or else what is fastest.</summary>
    public static int LogitsMegabytes(TrainingOptions options, ComputeSettings compute) =>
        options.MaxLogitsMegabytes ?? LogitsSize.FastestMegabytes(options.Model.Config.VocabularySize, compute.Device.type);

    /// <summary>The memory of a run, from its first pass to its end; <see langword="null"/> where it is left as it is.</summary>
    public static NativeHeap? Heap(TrainingOptions options) =>
        options.TuneNativeHeap == false ? null : new NativeHeap(keepBlocks: !options.GradientCheckpointing); // which is for where memory is what counts

    /// <summary>How passes without gradients are run: those of a reference that is computed once, and of evaluations.</summary>
    public static ForwardPasses ForwardPasses(TrainingOptions options, IChannel channel) =>
        new(options.AutoBatch, message => channel.Warning(MessageSensitivity.None, "{0}", message));

    /// <summary>Trains the network in place.</summary>
    /// <param name="options">How.</param>
    /// <param name="network">What is trained.</param>
    /// <param name="task">The data and the loss.</param>
    /// <param name="compute">Device and element type.</param>
    /// <param name="communicator">Connects the processes that train together.</param>
    /// <param name="channel">ML.NET's log.</param>
    /// <param name="watch">Evaluates and guards; it stays the caller's.</param>
    /// <param name="inputs">Names and hashes of what is trained on, for checkpoints.</param>
    /// <param name="describe">What the run is, for its records.</param>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TrainingState Run(
        TrainingOptions options, MiniMindNetwork network, ITrainingTask task, ComputeSettings compute, ICommunicator communicator, IChannel channel,
            TrainingWatch watch,
        Func<IEnumerable<KeyValuePair<string, string>>> inputs, Func<RunDescription> describe)
    {
        using NativeHeap? heap = Heap(options);
        using FlatParameters parameters = new(network.TrainedParameters, options.Optimizer.DecayNorms);
        using IOptimizer optimizer = options.Optimizer.Create(parameters);
        GradientScaler? scaler = compute.Precision == ComputePrecision.Fp16 ? new GradientScaler(new GradientScalerOptions()) : null;
        LoopOptions loopOptions = new()
        {
            Epochs = options.Epochs, BatchSize = options.BatchSize, AccumulationSteps = options.AccumulationSteps, Accumulation = options.Accumulation,
            RowBudget = options.MaxRowsPerPass, AutoBatch = options.AutoBatch,
            Seed = options.Seed, Shuffle = options.Shuffle, LongestFirst = options.Padding != BatchPadding.MaxLength, LearningRate = options.LearningRate,
            Schedule = options.Schedule.Schedule, MaxGradientNorm = options.MaxGradientNorm, Mode = compute.Mode,
        };
        TrainingState state = new()
        {
            Network = network, Parameters = parameters, Optimizer = optimizer, Scaler = scaler, Task = task,
            Communicator = communicator
        };
        DropoutStream? dropout = network.Drops ? new DropoutStream(options.Seed + communicator.Rank) : null; // ranks drop different activations
        using TrainingLoop loop = new(task, parameters, optimizer, loopOptions, scaler, dropout, communicator,
            message => channel.Warning(MessageSensitivity.None, "{0}", message));
        List<ITrainingObserver> observers = [new ReplicaObserver(), .. watch.Observers(state, loop.Plan)];
        if (heap is not null)
            observers.Add(new HeapObserver(heap));
        if (options.StopToken.CanBeCanceled)
            observers.Add(new StopRequest(options.StopToken));
        if (communicator.Rank == 0)
            observers.Add(new ProgressReporter(options.Progress, channel));
        using CheckpointObserver? checkpoints = Checkpointing.Begin(options, compute, inputs, state, observers, loop.Plan.TotalSteps, channel);
        if (checkpoints is not null)
            observers.Add(checkpoints);
        if (communicator.Rank == 0)
            observers.AddRange(RecordKeeping.Create(options, describe, watch.Answers, channel)); // the last, so that they see what the others add at the end
        heap?.Begin();
        new TrainingRun(loop, state, observers, options.LogInterval).Run(options.CancellationToken);
        watch.ReturnBest(state);
        return state;
    }
}
