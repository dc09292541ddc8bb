using System.Diagnostics.CodeAnalysis;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

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
    private readonly Action<string>? _warn;
    private readonly TimeProvider _clock;
    private long? _begun; // the step of which the task knows: a step that is taken again in smaller passes is no new one

    /// <summary>Ties the parts together; they stay the caller's.</summary>
    /// <param name="task">What is optimised.</param>
    /// <param name="parameters">The parameters, to which the task's backward passes give gradients.</param>
    /// <param name="optimizer">An optimizer of the same parameters.</param>
    /// <param name="options">How often and in which order to step.</param>
    /// <param name="scaler">The loss scale of half-precision runs.</param>
    /// <param name="dropout">The random numbers of dropout; <see langword="null"/> where the network drops nothing.</param>
    /// <param name="communicator">Connects the processes that train together; <see langword="null"/> for one.</param>
    /// <param name="warn">Told of passes that were halved.</param>
    /// <param name="clock">Times the steps; <see langword="null"/> for the system's.</param>
    public TrainingLoop(
        ITrainingTask task, FlatParameters parameters, IOptimizer optimizer, LoopOptions options, GradientScaler? scaler = null, DropoutStream? dropout = null,
        ICommunicator? communicator = null, Action<string>? warn = null, TimeProvider? clock = null)
    {
        (_warn, _clock) = (warn, clock ?? TimeProvider.System);
        (_task, _parameters, _options, _scaler, _dropout, _communicator) = (task, parameters, options, scaler, dropout, communicator ?? new SingleProcess());
        _ending = new GradientStep(parameters, optimizer, options.MaxGradientNorm, scaler);
        Plan = NewPlan(null);
        if (_communicator.Size > 1)
        {
            // what has been sent cannot be taken back when a pass is begun again; on a GPU sums run in the stream of the backward pass, and sending in parts
            // would gain nothing
            long smallest = parameters.OnCpu && !options.AutoBatch ? options.SmallestExchange ?? long.MaxValue : long.MaxValue;
            _exchange = new GradientExchange(_communicator, parameters, task.StageOf, smallest);
        }
    }

    /// <summary>Which examples each step takes.</summary>
    public StepPlan Plan { get; private set; }

    /// <summary>The last step's gradient norm before clipping. On CUDA, reading it waits for the device.</summary>
    public double GradientNorm => _ending.GradientNorm;

    /// <summary>Runs from the given number of finished steps to the last.</summary>
    public IEnumerable<StepResult> Steps(long finished = 0)
    {
        HostPrefetch prefetch = Prefetch(finished);
        _begun = null;
        try
        {
            _parameters.ZeroGradients();
            for (long step = finished; step < Plan.TotalSteps; step++)
            {
                StepResult? result;
                long start = _clock.GetTimestamp();
                while (!TryStep(step, prefetch, out result))
                {
                    prefetch.Dispose(); // it has laid out larger passes
                    prefetch = Prefetch(step);
                }
                result.Duration = _clock.GetElapsedTime(start);
                yield return result;
            }
        }
        finally
        {
            prefetch.Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _exchange?.Dispose();
        _ending.Dispose();
    }

    private static IEnumerable<long> Range(long from, long to)
    {
        for (long i = from; i < to; i++)
            yield return i;
    }

    private StepPlan NewPlan(int? passSize) => new(_task, _options, _communicator.Size, _communicator.Rank) { PassSize = passSize };

    private HostPrefetch Prefetch(long finished)
    {
        StepPlan ahead = NewPlan(Plan.PassSize); // the host thread's own, since a plan keeps the current epoch
        return new HostPrefetch(Range(finished, ahead.TotalSteps).SelectMany(ahead.MicroBatches),
            examples => new HostBatch(_task.Build(examples), _parameters.Device));
    }

    /// <summary>Takes a step, or undoes what it began and halves the passes where one of several examples does not fit into memory.</summary>
    private bool TryStep(long step, HostPrefetch prefetch, [NotNullWhen(true)] out StepResult? result)
    {
        try
        {
            result = Step(step, prefetch);
            return true;
        }
        catch (PassMemoryException fault) when (_options.AutoBatch && fault.Examples > 1)
        {
            Plan = NewPlan((fault.Examples + 1) / 2);
            _parameters.ZeroGradients(); // of the passes before it, and of its own as far as it came
            _warn?.Invoke(
                $"step {step + 1}: {fault.Message} It goes on with {Plan.PassSize} examples in a pass and as many more passes in a step, which gives the " +
                "same result.");
            result = null;
            return false;
        }
    }

    private StepResult Step(long step, HostPrefetch prefetch)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] group = Plan.Group(step);
        IReadOnlyList<PlannedPass> passes = Plan.Passes(step);
        if (_begun != step)
            _task.BeginStep(group);
        _begun = step;
        double learningRate = Plan.LearningRate(step), weight = _task.Weight(group), lossScale = _scaler?.Scale ?? 1;

        Tensor sums = zeros(_task.MetricNames.Count, dtype: ScalarType.Float64, device: _parameters.Device); // (K)
        long rows = 0;
        using (_dropout?.Begin(step))
        {
            for (int i = 0; i < passes.Count; i++)
            {
                using DisposeScope microScope = NewDisposeScope();
                if (_exchange is not null)
                    _communicator.Activity.Report($"step {step + 1} of {Plan.TotalSteps}, forward pass {i + 1} of {passes.Count}");
                using HostBatch host = prefetch.Next();
                rows += host.Batch.InputIds.Length;
                (int[] examples, double divisor) = passes[i];
                bool last = i == passes.Count - 1;
                try
                {
                    DeviceBatch batch = new(host, _options.Mode, _parameters.Device);
                    sums.AddInPlace(_task.Accumulate(batch, examples, lossScale / divisor, last ? _exchange?.StageFinished : null));
                }
                catch (Exception failure) when (MemoryFault.Is(failure))
                {
                    throw new PassMemoryException(examples.Length, host.Batch.InputIds.Length, failure);
                }
            }
        }

        _exchange?.Complete();
        bool skipped = !_ending.Apply(learningRate);
        return new StepResult
        {
            Step = step + 1, Epoch = (int)(step / Plan.StepsPerEpoch), LearningRate = learningRate, MetricSums = sums.DetachFromDisposeScope(),
            Weight = weight, Examples = group, OwnExamples = [.. passes.SelectMany(pass => pass.Examples)], Tokens = group.Sum(_task.Tokens), Rows = rows,
            Skipped = skipped,
        };
    }
}
