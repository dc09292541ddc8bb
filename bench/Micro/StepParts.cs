using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>A policy, its reference and its optimizer over the batch, laid out as the trainer does by default.</summary>
internal sealed class StepParts : IDisposable
{
    public const double Beta = 0.15;

    public const long LogitsBudget = 28L << 18; // as the trainer takes on a CPU
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly GradientStep _ending;
    private readonly PreferenceTask _task;
    private readonly int[] _pairs;

    public StepParts(BenchInputs inputs)
    {
        Policy = inputs.Model.Network.Network.Clone(CPU);
        _parameters = new FlatParameters(Policy.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        _ending = new GradientStep(_parameters, _optimizer, 1.0);
        BatchOptions options = new(BatchShape.PackedWithSharedPrefix, true, inputs.Options.MaxLength - 1, 0, true, ScalarType.Float32, LogitsBudget);
        _task = new PreferenceTask(Policy, new LiveReference(inputs.Model.Network.Network, LogitsBudget), inputs.Batch,
            new(PreferenceLoss.Sigmoid(), Beta, LogProbReduction.Mean), options);
        _pairs = [.. Enumerable.Range(0, inputs.Batch.Count)];
    }

    public MiniMindNetwork Policy { get; }

    /// <summary>The batch's rows.</summary>
    public BatchRows Rows => _task.Build(_pairs);

    /// <summary>One whole training step: batch, reference, policy forward and backward, clipping, AdamW.</summary>
    public void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        DeviceBatch batch = new(Rows, ScalarType.Float32, CPU);
        _task.Accumulate(batch, _pairs, 1.0 / _pairs.Length).cpu();
        _ending.Apply(4e-8);
    }

    public void ClearGradients() => _parameters.ZeroGradients();

    public void Dispose()
    {
        _ending.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        Policy.Dispose();
    }
}
