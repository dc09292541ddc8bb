using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

/// <summary>The counter is one for the whole process, so nothing may run beside these tests.</summary>
[CollectionDefinition(nameof(LiveTensorCountTests), DisableParallelization = true)]
[Collection(nameof(LiveTensorCountTests))]
public class LiveTensorCountTests
{
    [Theory]
    [InlineData(OptimizerKind.AdamW, true)]
    [InlineData(OptimizerKind.AdamW, false)]
    [InlineData(OptimizerKind.SgdWithMomentum, false)]
    [InlineData(OptimizerKind.RmsPropWithMomentum, false)]
    public void Step_AHundredTimes_LeavesNoTensorBehind(OptimizerKind kind, bool fused)
    {
        using TinyModule module = new();
        using FlatParameters parameters = module.Flatten();
        using IOptimizer optimizer = OptimizerSetup.Ours(kind, parameters, fused);
        using GradientStep step = new(parameters, optimizer, 1.0, new GradientScaler(new GradientScalerOptions()));
        double[] losses = new double[101];
        Train(0); // what is made once is made here
        long before = LiveTensors.Settled();

        for (int i = 1; i <= 100; i++)
            Train(i);

        LiveTensors.Settled().Should().Be(before);
        losses[100].Should().BeLessThan(losses[0], "it was a hundred real steps");

        void Train(int i)
        {
            using (DisposeScope scope = NewDisposeScope())
            {
                Tensor loss = module.Loss();
                loss.mul(65536).backward();
                losses[i] = loss.item<float>();
            }
            step.Apply(1e-3); // outside any scope: what it forgets to dispose stays counted
            parameters.ClipGradients(1.0);
            using Tensor norm = parameters.ClipGradientsOnDevice(1.0);
        }
    }

    [Fact]
    public void Apply_WithADeferredNormThatNobodyReads_LeavesNoTensorBehind()
    {
        using TinyModule module = new();
        using FlatParameters parameters = module.Flatten();
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.AdamW, parameters, fused: true);
        using GradientStep step = new(parameters, optimizer, 1.0, deferNorm: true);
        step.Apply(1e-3);
        long before = LiveTensors.Settled();

        for (int i = 0; i < 20; i++)
            step.Apply(1e-3);
        Tensor.TotalCount.Should().Be(before, "the norm of one step is kept, and no collection has taken the others");
        _ = step.GradientNorm;

        Tensor.TotalCount.Should().Be(before - 1, "what was read is a number from then on");
    }

    [Fact]
    public void Dispose_OfEverything_GivesEveryTensorBack()
    {
        using ParameterBed bed = new(); // TorchSharp's own counter stays one higher for every Parameter ever made
        long before = LiveTensors.Settled();

        using (DisposeScope scope = NewDisposeScope())
        using (FlatParameters parameters = new(bed.Named))
        using (IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.AdamW, parameters))
            optimizer.Step(1e-3);

        LiveTensors.Settled().Should().Be(before);
    }
}
