using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>Runs training steps over given batches of pairs and times them, batch building and optimizer included.</summary>
internal sealed class StepTimer : IDisposable
{
    private readonly MiniMindNetwork _policy;
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly ITrainingTask _task;
    private readonly Lever _lever;
    private readonly GradientStep _ending;

    public StepTimer(MiniMindNetwork reference, IReadOnlyList<PreferenceExample> pairs, Lever lever, int maximumLength, int batchSize)
    {
        _lever = lever;
        _policy = reference.Clone(CPU);
        _parameters = new FlatParameters(_policy.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        _ending = new GradientStep(_parameters, _optimizer, 1.0);
        BatchOptions options = new(lever.Shape, lever.HeadOnResponseOnly, maximumLength - 1, 0, BalanceRealTokensOnly: true, lever.Mode,
            lever.WholeLogits ? long.MaxValue : (lever.LogitsMegabytes ?? LogitsSize.FastestMegabytes(reference.Config.VocabularySize, DeviceType.CPU)) * (1L << 18));
        IReferenceLogProbs logProbs = new LiveReference(reference, options.LogitsBudget);
        if (!lever.LiveReference)
        {
            PreferenceTask layout = new(_policy, new AbsentReference(), pairs, 0.15, LogProbReduction.Mean, options);
            long start = Stopwatch.GetTimestamp();
            logProbs = PrecomputedReference.Compute(reference, [.. Enumerable.Range(0, pairs.Count).Chunk(batchSize)], layout.Build, lever.Mode, options.LogitsBudget, new SingleProcess(), default, new ForwardPasses());
            ReferenceSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        _task = new PreferenceTask(_policy, logProbs, pairs, 0.15, LogProbReduction.Mean, options);
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
        _ending.Apply(4e-8);
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    public void Dispose()
    {
        _ending.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _policy.Dispose();
    }
}
