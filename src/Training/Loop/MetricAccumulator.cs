using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Passes;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Adds up steps on the device, and reads the averages over all processes once per logging interval.</summary>
internal sealed class MetricAccumulator(ITrainingTask task, ICommunicator communicator) : IDisposable
{
    private Tensor? _sums;
    private double _weight;
    private long _examples, _tokens, _rows, _skipped;

    /// <summary>Adds a step.</summary>
    public void Add(StepResult step)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor total = (_sums is null ? step.MetricSums.alias() : _sums.to(step.MetricSums.device).Add(step.MetricSums)).DetachFromDisposeScope(); // (K)
        _sums?.Dispose();
        _sums = total;
        _weight += step.Weight;
        _examples += step.Examples.Count;
        _tokens += step.Tokens;
        _rows += step.Rows;
        if (step.Skipped)
            _skipped++;
    }

    /// <summary>
    /// The averages since the last reading, the same on all ranks, rank 0's time included; waits for the device. Every rank calls it after the same step.
    /// </summary>
    public TrainingPoint Read(StepResult last, double epoch, double gradientNorm, TimeSpan elapsed)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] sums = [.. _sums!.cpu().data<double>().ToArray(), _rows];
        communicator.AllReduce(sums, ReduceOperation.Sum);
        double[] agreed = [.. sums, gradientNorm, elapsed.TotalSeconds]; // what ranks decide by must be the same to the last bit
        communicator.Broadcast(MemoryMarshal.AsBytes(agreed.AsSpan()), root: 0);
        int count = task.MetricNames.Count;
        IReadOnlyDictionary<string, double> metrics = task.Averages(agreed.AsSpan(0, count), _weight);
        TrainingPoint point = new(
            last.Step, epoch, last.LearningRate, agreed[^2], metrics, _examples, _tokens, (long)agreed[count], _skipped,
                TimeSpan.FromSeconds(agreed[^1]));
        Dispose();
        (_weight, _examples, _tokens, _rows, _skipped) = (0, 0, 0, 0, 0);
        return point;
    }

    /// <summary>What has been added since the last reading; waits for the device.</summary>
    public PartialMetrics Save()
    {
        using DisposeScope scope = NewDisposeScope();
        return new(_sums is null ? [] : _sums.cpu().data<double>().ToArray(), _weight, _examples, _tokens, _rows, _skipped);
    }

    /// <summary>Goes on from what <see cref="Save"/> gave.</summary>
    public void Load(PartialMetrics partial)
    {
        Dispose();
        if (partial.Sums.Length > 0)
            _sums = tensor(partial.Sums).DetachFromDisposeScope(); // (K)
        (_weight, _examples, _tokens, _rows, _skipped) = (partial.Weight, partial.Examples, partial.Tokens, partial.Rows, partial.Skipped);
    }

    public void Dispose()
    {
        _sums?.Dispose();
        _sums = null;
    }
}
