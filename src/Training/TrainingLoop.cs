using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Optimizer steps, one after the other: learning rate, forward, loss, backward, clip, step.</summary>
/// <remarks>It yields after every step and knows nothing of logging, evaluation or checkpoints: who takes the steps does that between them.</remarks>
internal sealed class TrainingLoop(
    ITrainingTask task, FlatParameters parameters, IOptimizer optimizer, LoopOptions options, GradientScaler? scaler = null, DropoutStream? dropout = null) : IDisposable
{
    private readonly GradientStep _ending = new(parameters, optimizer, options.MaxGradientNorm, scaler);

    /// <summary>Which examples each step takes.</summary>
    public StepPlan Plan { get; } = new(task, options);

    /// <summary>The last step's gradient norm before clipping. On CUDA, reading it waits for the device.</summary>
    public double GradientNorm => _ending.GradientNorm;

    /// <summary>Runs from the given number of finished steps to the last.</summary>
    public IEnumerable<StepResult> Steps(long finished = 0)
    {
        StepPlan ahead = new(task, options); // the host thread's own, since a plan keeps the current epoch
        IEnumerable<int[]> batches = Range(finished, Plan.TotalSteps).SelectMany(ahead.MicroBatches);
        using HostPrefetch prefetch = new(batches, task.Build);
        parameters.ZeroGradients();
        for (long step = finished; step < Plan.TotalSteps; step++) yield return Step(step, prefetch);
    }

    /// <inheritdoc />
    public void Dispose() => _ending.Dispose();

    private static IEnumerable<long> Range(long from, long to)
    {
        for (long i = from; i < to; i++) yield return i;
    }

    private StepResult Step(long step, HostPrefetch prefetch)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? drawing = dropout?.Begin(step);
        IReadOnlyList<int[]> microBatches = Plan.MicroBatches(step);
        int[] examples = [.. microBatches.SelectMany(b => b)];
        double learningRate = options.Schedule.At(step + 1, Plan.TotalSteps, options.LearningRate);
        double weight = task.Weight(examples), lossScale = scaler?.Scale ?? 1;

        Tensor? sums = null;
        long rows = 0;
        foreach (int[] micro in microBatches)
        {
            using DisposeScope microScope = NewDisposeScope();
            DeviceBatch batch = new(prefetch.Next(), options.ComputeType, parameters.Device);
            rows += batch.InputIds.shape[0];
            Tensor added = task.Accumulate(batch, micro, lossScale / weight);
            sums = (sums is null ? added.alias() : sums + added).MoveToOuterDisposeScope();
        }

        bool skipped = !_ending.Apply(learningRate);
        return new StepResult
        {
            Step = step + 1, Epoch = (int)(step / Plan.StepsPerEpoch), LearningRate = learningRate, MetricSums = sums!.DetachFromDisposeScope(),
            Weight = weight, Examples = examples, Tokens = examples.Sum(task.Tokens), Rows = rows, Skipped = skipped,
        };
    }
}
