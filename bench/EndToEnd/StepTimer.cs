using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>Runs training steps over given batches of pairs and times them, batch building and optimizer included.</summary>
internal sealed class StepTimer
{
    private readonly TrainedModel _model;
    private readonly ITrainingTask _task;
    private readonly Lever _lever;
    private readonly Func<IReferenceLogProbs> _once;

    public StepTimer(TrainedModel model, IReadOnlyList<PreferenceExample> pairs, Lever lever, int maximumLength, int batchSize)
    {
        (_model, _lever) = (model, lever);
        MiniMindNetwork reference = model.Reference;
        BatchOptions options = new(lever.Shape, lever.HeadOnResponseOnly, maximumLength - 1, 0, BalanceRealTokensOnly: true, lever.Mode,
            lever.WholeLogits ? long.MaxValue : (lever.LogitsMegabytes ?? LogitsSize.FastestMegabytes(reference.Config.VocabularySize, DeviceType.CPU))
                * (1L << 18));
        PreferenceTask layout = new(model.Policy, new AbsentReference(), pairs, new(PreferenceLoss.Sigmoid(), 0.15, LogProbReduction.Mean), options);
        int[][] batches = [.. Enumerable.Range(0, pairs.Count).Chunk(batchSize)];
        _once = () => PrecomputedReference.Compute(reference, batches, layout.Build, lever.Mode, options.LogitsBudget, new SingleProcess(), default,
            new ForwardPasses());
        IReferenceLogProbs logProbs = lever.LiveReference ? new LiveReference(reference, options.LogitsBudget) : _once();
        _task = new PreferenceTask(model.Policy, logProbs, pairs, new(PreferenceLoss.Sigmoid(), 0.15, LogProbReduction.Mean), options);
    }

    /// <summary>Seconds, by the clock, of the reference over all pairs, as it runs once before the first step.</summary>
    public double Reference()
    {
        long start = Stopwatch.GetTimestamp();
        _once();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds of one step over the given pairs: by the clock, and of processors.</summary>
    /// <remarks>On a machine that others use too, processor time with one thread is the steadier of the two.</remarks>
    public (double Clock, double Processor) Step(int[] pairs)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        DeviceBatch batch = new(_task.Build(pairs), _lever.Mode, CPU);
        _task.Accumulate(batch, pairs, 1.0 / pairs.Length).cpu();
        _model.Ending.Apply(4e-8);
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }
}
