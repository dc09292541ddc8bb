using BenchmarkDotNet.Attributes;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>What comes after the network's layers: log-probs and the DPO loss, forward and backward.</summary>
[MemoryDiagnoser]
[BenchmarkCategory(BenchInputs.OneBatch)]
public class LossBenchmarks : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly StepParts _parts;
    private readonly DeviceBatch _batch;
    private readonly Tensor _hidden;
    private readonly Tensor _logits;
    private readonly Tensor _reference;

    public LossBenchmarks()
    {
        _parts = new StepParts(BenchInputs.Current);
        _batch = new DeviceBatch(_parts.Rows, ScalarType.Float32, CPU);
        using IDisposable noGradient = no_grad();
        _hidden = _parts.Policy.Forward(_batch.InputIds, _batch.Layout).Hidden; // (N, hidden)
        _logits = _parts.Policy.Logits(_hidden.index_select(0, _batch.Rows)); // (M, V)
        _reference = HeadPass.Sums(_parts.Policy, _hidden, _batch, StepParts.LogitsBudget); // (2 * B)
    }

    [Benchmark(Description = "loss: of summed log-probs")]
    public void OfSums()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = _reference.detach().clone().requires_grad_(); // (2 * B)
        Loss(sums).backward();
    }

    [Benchmark(Description = "loss: of logits")]
    public void OfLogits()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor logits = _logits.clone(); // (M, V)
        (Tensor logProbs, Tensor logSums) = LogSoftmaxKernel.Forward(logits, _batch.Labels); // (M), (M)
        Tensor sums = SequenceLogProbs.Sums(logProbs, _batch), gradient; // (2 * B)
        using (enable_grad())
            gradient = new HeadLoss(Loss, _reference, GradientDirection.Fixed).GradientAt(sums); // (2 * B)
        LogSoftmaxKernel.BackwardInPlace(logits, _batch.Labels, logSums, gradient.index_select(0, _batch.SequenceOf).to(ScalarType.Float32));
    }

    [Benchmark(Description = "loss: of hidden states, the head included")]
    public void OfHiddenStates()
    {
        using DisposeScope scope = NewDisposeScope();
        HeadPass.Gradient(_parts.Policy, _hidden, _batch, StepParts.LogitsBudget, new HeadLoss(Loss, _reference, GradientDirection.Fixed));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _parts.Dispose();
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }

    private Tensor Loss(Tensor sums)
    {
        long B = _batch.SequenceCount / 2;
        // (2 * B)
        Tensor policy = SequenceLogProbs.Reduce(sums, _batch, LogProbReduction.Mean),
            reference = SequenceLogProbs.Reduce(_reference, _batch, LogProbReduction.Mean);
        return new PreferenceObjective(PreferenceLoss.Sigmoid(), StepParts.Beta, LogProbReduction.Mean)
            .Losses(new PairLogProbs(policy, reference, _batch.LossTokens)).sum() / B;
    }
}
