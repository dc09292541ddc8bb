using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Optimizer steps, one after the other: learning rate, forward, loss, backward, clip, step.</summary>
/// <remarks>
/// It yields after every step and knows nothing of logging, evaluation or checkpoints: who takes the steps does that between them.
/// With several processes each computes its part of a step's examples, gradients are summed, and all take the same step.
/// </remarks>
internal sealed class TrainingLoop : IDisposable
{
    private readonly ITrainingTask _task;
    private readonly FlatParameters _parameters;
    private readonly LoopOptions _options;
    private readonly GradientScaler? _scaler;
    private readonly DropoutStream? _dropout;
    private readonly ICommunicator _communicator;
    private readonly GradientExchange? _exchange;
    private readonly GradientStep _ending;

    /// <summary>Ties the parts together; they stay the caller's.</summary>
    /// <param name="task">What is optimised.</param>
    /// <param name="parameters">The parameters, to which the task's backward passes give gradients.</param>
    /// <param name="optimizer">An optimizer of the same parameters.</param>
    /// <param name="options">How often and in which order to step.</param>
    /// <param name="scaler">The loss scale of half-precision runs.</param>
    /// <param name="dropout">The random numbers of dropout; <see langword="null"/> where the network drops nothing.</param>
    /// <param name="communicator">Connects the processes that train together; <see langword="null"/> for one.</param>
    public TrainingLoop(
        ITrainingTask task, FlatParameters parameters, IOptimizer optimizer, LoopOptions options, GradientScaler? scaler = null, DropoutStream? dropout = null,
        ICommunicator? communicator = null)
    {
        (_task, _parameters, _options, _scaler, _dropout, _communicator) = (task, parameters, options, scaler, dropout, communicator ?? new SingleProcess());
        _ending = new GradientStep(parameters, optimizer, options.MaxGradientNorm, scaler);
        Plan = NewPlan();
        if (_communicator.Size > 1)
        {
            // on a GPU sums run in the stream of the backward pass, and sending in parts would gain nothing
            long smallest = parameters.OnCpu ? options.SmallestExchange ?? long.MaxValue : long.MaxValue;
            _exchange = new GradientExchange(_communicator, parameters, task.StageOf, smallest);
        }
    }

    /// <summary>Which examples each step takes.</summary>
    public StepPlan Plan { get; }

    /// <summary>The last step's gradient norm before clipping. On CUDA, reading it waits for the device.</summary>
    public double GradientNorm => _ending.GradientNorm;

    /// <summary>Runs from the given number of finished steps to the last.</summary>
    public IEnumerable<StepResult> Steps(long finished = 0)
    {
        StepPlan ahead = NewPlan(); // the host thread's own, since a plan keeps the current epoch
        IEnumerable<int[]> batches = Range(finished, Plan.TotalSteps).SelectMany(ahead.MicroBatches);
        using HostPrefetch prefetch = new(batches, _task.Build);
        _parameters.ZeroGradients();
        for (long step = finished; step < Plan.TotalSteps; step++) yield return Step(step, prefetch);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _exchange?.Dispose();
        _ending.Dispose();
    }

    private static IEnumerable<long> Range(long from, long to)
    {
        for (long i = from; i < to; i++) yield return i;
    }

    private StepPlan NewPlan() => new(_task, _options, _communicator.Size, _communicator.Rank);

    private StepResult Step(long step, HostPrefetch prefetch)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] group = Plan.Group(step);
        IReadOnlyList<int[]> microBatches = Plan.MicroBatches(step);
        double learningRate = _options.Schedule.At(step + 1, Plan.TotalSteps, _options.LearningRate);
        double weight = _task.Weight(group), lossScale = _scaler?.Scale ?? 1;

        Tensor sums = zeros(_task.MetricNames.Count, device: _parameters.Device); // (K)
        long rows = 0;
        using (_dropout?.Begin(step))
        {
            for (int i = 0; i < microBatches.Count; i++)
            {
                using DisposeScope microScope = NewDisposeScope();
                if (_exchange is not null) _communicator.Activity.Report($"step {step + 1} of {Plan.TotalSteps}, forward pass {i + 1} of {microBatches.Count}");
                DeviceBatch batch = new(prefetch.Next(), _options.ComputeType, _parameters.Device);
                rows += batch.InputIds.shape[0];
                bool last = i == microBatches.Count - 1;
                sums.add_(_task.Accumulate(batch, microBatches[i], lossScale / weight, last ? _exchange?.StageFinished : null));
            }
        }

        _exchange?.Complete();
        bool skipped = !_ending.Apply(learningRate);
        return new StepResult
        {
            Step = step + 1, Epoch = (int)(step / Plan.StepsPerEpoch), LearningRate = learningRate, MetricSums = sums.DetachFromDisposeScope(),
            Weight = weight, Examples = group, OwnExamples = [.. microBatches.SelectMany(batch => batch)], Tokens = group.Sum(_task.Tokens), Rows = rows, Skipped = skipped,
        };
    }
}
