using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>Runs training steps over given batches of pairs and times them, batch building and optimizer included.</summary>
internal sealed class StepTimer
{
    private readonly TrainedModel _model;
    private readonly ITrainingTask _task;
    private readonly Lever _lever;

    public StepTimer(TrainedModel model, IReadOnlyList<PreferenceExample> pairs, Lever lever, int maximumLength, int batchSize)
    {
        (_model, _lever) = (model, lever);
        MiniMindNetwork reference = model.Reference;
        BatchOptions options = new(lever.Shape, lever.HeadOnResponseOnly, maximumLength - 1, 0, BalanceRealTokensOnly: true, lever.Mode,
            lever.WholeLogits ? long.MaxValue : (lever.LogitsMegabytes ?? LogitsSize.FastestMegabytes(reference.Config.VocabularySize, DeviceType.CPU)) * (1L << 18));
        IReferenceLogProbs logProbs = new LiveReference(reference, options.LogitsBudget);
        if (!lever.LiveReference)
        {
            PreferenceTask layout = new(model.Policy, new AbsentReference(), pairs, 0.15, LogProbReduction.Mean, options);
            int[][] batches = [.. Enumerable.Range(0, pairs.Count).Chunk(batchSize)];
            IReferenceLogProbs Compute(int[][] batches) => PrecomputedReference.Compute(reference, batches, layout.Build, lever.Mode, options.LogitsBudget, new SingleProcess(), default, new ForwardPasses());
            Compute(batches[..1]); // warms up
            long start = Stopwatch.GetTimestamp();
            logProbs = Compute(batches);
            ReferenceSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        _task = new PreferenceTask(model.Policy, logProbs, pairs, 0.15, LogProbReduction.Mean, options);
    }

    /// <summary>What the reference took where it ran once, before the steps.</summary>
    public double ReferenceSeconds { get; }

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
