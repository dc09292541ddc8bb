using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Forecast;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Trials of learning rates on one copy of a model, each from the model's own weights.</summary>
/// <remarks>
/// What a run does goes with the sum of its learning rates. A trial's few steps are larger, so that their sum is the planned run's, up to
/// <see cref="MostEnlarged"/> times as large; beyond that, what it did is multiplied. Large steps average over fewer pairs, so they disturb the chosen side
/// more than the run's own small ones: an error towards the smaller rate. They rise over the first half of the trial, so that the optimizer's averages do not
/// rest on the first few pairs.
/// </remarks>
internal sealed class RateTrials : IDisposable
{
    private const double MostEnlarged = 32;
    private const double FirstShare = 5e-3; // of the weights' size, to begin with
    private const double FirstRate = 1e-3; // where the optimizer's steps have no known size
    private const int LeastSteps = 8, LargestPart = 4; // of the planned run
    private const int PassesOfStep = 3; // forward, and backward for activations and weights

    private readonly DpoTrainer.Options _options;
    private readonly int _steps;
    private readonly MiniMindNetwork _policy;
    private readonly HeldOutPairs _heldOut;
    private readonly ComputeSettings _compute;
    private readonly FlatParameters _parameters;
    private readonly Tensor? _start; // of a part of the model, such as an adapter; the whole is the model's own
    private readonly PreferenceTask _task;
    private readonly LoopOptions _loop;
    private readonly PairSides[] _before;
    private readonly double _rateSum;
    private readonly double _ownRateSum;
    private readonly double _plannedWork;
    private readonly long _referenceWeights;
    private double _work;

    /// <summary>Measures the held-out pairs at the start; the networks stay the caller's.</summary>
    public RateTrials(
        DpoTrainer.Options options, int steps, int seed, MiniMindNetwork policy, MiniMindNetwork? reference, IReadOnlyList<PreferenceExample> pairs,
        IReadOnlyList<PreferenceExample> others, HeldOutPairs heldOut, ComputeSettings compute, BatchOptions batches, ForwardPasses passes)
    {
        (_options, _policy, _heldOut, _compute) = (options, policy, heldOut, compute);
        PreferenceTask planned = new(policy, new AbsentReference(), pairs, options.Objective, batches);
        LoopOptions plannedLoop = new()
        {
            Epochs = options.Epochs, BatchSize = options.BatchSize, AccumulationSteps = options.AccumulationSteps, Accumulation = options.Accumulation,
            LearningRate = 1, Schedule = options.Schedule.Schedule,
        };
        int ranks = options.Communicator?.Size ?? 1;
        StepPlan plan = new(planned, plannedLoop, ranks);
        PlannedSteps = plan.TotalSteps;
        for (long step = 0; step < PlannedSteps; step++)
            _rateSum += plan.LearningRate(step);
        _steps = (int)Math.Min(PlannedSteps, Math.Max(LeastSteps, Math.Min(steps, PlannedSteps / LargestPart)));

        int group = plan.GroupSize;
        int[] order = EpochOrder.Of(others.Count, seed, 0, shuffle: true);
        PreferenceExample[] taken = [.. order.Take((int)Math.Min(order.Length, (long)_steps * group)).Select(i => others[i])];
        int perEpoch = (taken.Length + group - 1) / group;
        IReferenceLogProbs theirs = reference is null ? new AbsentReference() : PrecomputedReference.Compute(
            reference, [.. Enumerable.Range(0, taken.Length).Chunk(options.BatchSize)],
            new PreferenceTask(policy, new AbsentReference(), taken, options.Objective, batches).Build, compute.Mode, batches.LogitsBudget, new SingleProcess(),
            options.CancellationToken, passes);
        _task = new PreferenceTask(policy, theirs, taken, options.Objective, batches);
        _loop = plannedLoop with
        {
            Epochs = (_steps + perEpoch - 1) / perEpoch,
            RowBudget = options.MaxRowsPerPass,
            AutoBatch = options.AutoBatch,
            Seed = seed,
            Shuffle = false,
            Schedule = new ConstantSchedule { WarmupSteps = _steps / 2 },
            MaxGradientNorm = options.MaxGradientNorm,
            Mode = compute.Mode,
            BatchSize = options.BatchSize * ranks,
        };
        StepPlan own = new(_task, _loop);
        for (long step = 0; step < _steps; step++)
            _ownRateSum += own.LearningRate(step);
        int perRow = PassesOfStep + (reference is null ? 0 : 1);
        _plannedWork = (double)planned.Rows([.. Enumerable.Range(0, pairs.Count)]) * options.Epochs * perRow;
        _work = (reference is null ? 1 : 2) * heldOut.Rows + (reference is null ? 0 : _task.Rows([.. Enumerable.Range(0, taken.Length)]));
        _referenceWeights = reference is null || compute.Device.type == DeviceType.CPU ? 0 : reference.parameters().Sum(parameter => parameter.numel());
        PassBytes = MemoryForecast.Of(policy.Config, _task.Build(Largest(taken.Length)), batches, compute.Device.type, PassWeights.Of(policy)).Pass;
        _parameters = new FlatParameters(policy.TrainedParameters, options.Optimizer.DecayNorms);
        if (options.Adapter is not null || options.FreezeLayers > 0)
            _start = _parameters.Values.clone().DetachFromDisposeScope();
        try
        {
            _before = heldOut.Measure(policy);
            First = FirstOf();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Optimizer steps of the planned run.</summary>
    public long PlannedSteps { get; }

    /// <summary>The rate to begin with.</summary>
    public double First { get; }

    /// <summary>The work so far as a share of the planned run's.</summary>
    public double WorkShare => _work / _plannedWork;

    /// <summary>The memory that trials take besides what was in use, bytes.</summary>
    public long PeakBytes => PassBytes + (2 + OptimizerBuffers) * _parameters.Values.numel() * sizeof(float) + _referenceWeights * sizeof(float);

    private long PassBytes { get; }

    private long OptimizerBuffers { get; set; }

    /// <summary>Takes the trial's steps from the model's own weights, and measures what they did.</summary>
    /// <param name="rate">The peak learning rate of the run that the trial stands for.</param>
    /// <param name="bounds">What a rate must come to.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public LearningRateTrial Try(double rate, RateBounds bounds)
    {
        Restore();
        double enlarged = Math.Min(_rateSum / _ownRateSum, MostEnlarged) * rate;
        (int taken, double rateSum) = Step(enlarged);
        PairMovement moved = PairMovement.Of(_before, _heldOut.Measure(_policy), _options.Reduction);
        _work += _heldOut.Rows;
        double factor = _rateSum * rate / rateSum;
        PairMovement predicted = new(moved.Margin * factor, moved.MarginError * factor, moved.Chosen * factor);
        return new LearningRateTrial(rate, enlarged, taken, moved.Margin, moved.MarginError, moved.Chosen, predicted.Margin, predicted.MarginError,
            predicted.Chosen, bounds.Judge(predicted));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _start?.Dispose();
        _parameters.Dispose();
    }

    private (int Taken, double RateSum) Step(double rate)
    {
        using IOptimizer optimizer = _options.Optimizer.Create(_parameters);
        OptimizerBuffers = optimizer.State.Count;
        GradientScaler? scaler = _compute.Precision == ComputePrecision.Fp16 ? new GradientScaler(new GradientScalerOptions()) : null;
        DropoutStream? dropout = _policy.Config.Dropout > 0 ? new DropoutStream(_loop.Seed) : null;
        using TrainingLoop loop = new(_task, _parameters, optimizer, _loop with { LearningRate = rate }, scaler, dropout);
        int taken = 0;
        double sum = 0;
        foreach (StepResult step in loop.Steps())
        {
            using Tensor sums = step.MetricSums;
            if (!step.Skipped)
                (taken, sum) = (taken + 1, sum + step.LearningRate);
            _work += PassesOfStep * (double)step.Rows;
            _options.CancellationToken.ThrowIfCancellationRequested();
            if (step.Step == _steps)
                break;
        }
        return (taken, sum);
    }

    private void Restore()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        if (_start is not null)
        {
            _parameters.Values.copy_(_start);
            return;
        }
        foreach (((_, Parameter own), (_, Parameter source)) in _policy.named_parameters().Zip(_options.Model.Network.Network.named_parameters()))
            own.copy_(source);
    }

    private double FirstOf()
    {
        using IOptimizer optimizer = _options.Optimizer.Create(_parameters);
        using WeightSample sample = new(_parameters);
        double size = sample.Size();
        return optimizer is Sgd || !(size > 0 && double.IsFinite(size)) || _rateSum == 0 ? FirstRate : FirstShare * size / _rateSum;
    }

    private int[] Largest(int count) => Enumerable.Range(0, count).Chunk(_options.BatchSize).MaxBy(group => _task.Rows(group))!;
}
