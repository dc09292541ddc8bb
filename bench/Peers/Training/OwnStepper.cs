using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>The library's step.</summary>
internal sealed class OwnStepper : IStepper
{
    private readonly NativeHeap _heap = new(keepBlocks: true); // as a trainer does
    private readonly MiniMindNetwork _policy, _reference;
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly GradientStep _ending;
    private readonly PreferenceTask _task;
    private readonly RunFile _run;
    private readonly ComputeMode _mode;

    public OwnStepper(RunFile run, string folder)
    {
        _run = run;
        _mode = run.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        (_policy, _reference) = (Network(run, folder), Network(run, folder));
        bool preset = run.Way == "preset";
        BatchShape shape = !preset ? BatchShape.PackedWithSharedPrefix : run.Shape.Experts > 0 ? BatchShape.PaddedToMaximum : BatchShape.Packed;
        BatchOptions options = new(shape, HeadOnResponseOnly: true, run.Length, 0, BalanceRealTokensOnly: !preset, _mode,
            LogitsSize.FastestMegabytes(run.Shape.Vocabulary, DeviceType.CPU) * (1L << 18));
        _task = new PreferenceTask(_policy, new LiveReference(_reference, options.LogitsBudget), run.Examples(),
            new PreferenceObjective(PreferenceLoss.Sigmoid(), run.Beta, LogProbReduction.Sum), options);
        _parameters = new FlatParameters(_policy.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        _ending = new GradientStep(_parameters, _optimizer, 1.0);
        _parameters.ZeroGradients();
        _heap.Begin();
    }

    /// <inheritdoc />
    public double Step(int[] pairs)
    {
        double loss;
        using (DisposeScope scope = NewDisposeScope())
        {
            DeviceBatch batch = new(_task.Build(pairs), _mode, CPU);
            loss = _task.Accumulate(batch, pairs, 1.0 / pairs.Length).data<double>()[0] / pairs.Length;
            _ending.Apply(_run.LearningRate);
        }
        _heap.Settle();
        return loss;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (IDisposable part in new IDisposable[] { _ending, _optimizer, _parameters, _policy, _reference, _heap })
            part.Dispose();
    }

    private static MiniMindNetwork Network(RunFile run, string folder)
    {
        MiniMindNetwork network = new(run.Shape.Config());
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor values) in run.Weights(folder))
            network.get_parameter(name)!.copy_(values);
        return network;
    }
}
