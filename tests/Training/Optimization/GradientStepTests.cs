using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

public class GradientStepTests
{
    [Theory]
    [InlineData(0.5, false, false)]
    [InlineData(0.5, false, true)]
    [InlineData(0.5, true, false)]
    [InlineData(1e6, true, false)]
    public void Apply_WithClippingAndScaler_GivesWhatTorchGivesInSeparatePasses(double maxNorm, bool scaled, bool deferNorm)
    {
        using ParameterBed bed = new();
        using ParameterBed torchBed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.AdamW, parameters);
        using optim.Optimizer torchs = OptimizerSetup.TorchSharps(OptimizerKind.AdamW, torchBed.Parameters);
        GradientScaler? scaler = scaled ? new GradientScaler(new GradientScalerOptions()) : null;
        using GradientStep step = new(parameters, optimizer, maxNorm, scaler, deferNorm);

        for (int i = 1; i <= 5; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            bed.SetGradients(i);
            if (scaler is not null)
                parameters.Gradients.mul_(scaler.Scale);
            torchBed.SetGradients(i);
            double norm = nn.utils.clip_grad_norm_(torchBed.Parameters, maxNorm);
            foreach (torch.optim.ILearningRateController group in torchs.ParamGroups)
                group.LearningRate = 1e-3;
            torchs.step();

            step.Apply(1e-3).Should().BeTrue();

            step.GradientNorm.Should().BeApproximately(norm, 1e-5 * norm, "torch sums in fp32");
            parameters.GradientNorm().Should().Be(0, "the next backward pass starts from zero");
        }
        ParameterBed.RelativeDistance(bed.Values().Select(value => (double)value), torchBed.Values().Select(value => (double)value)).Should().BeLessThan(1e-7);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Apply_GradientsNotFinite_SkipsReportsAndBacksOff(float broken)
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.AdamW, parameters);
        GradientScaler scaler = new(new GradientScalerOptions());
        using GradientStep step = new(parameters, optimizer, 1.0, scaler);
        bed.SetGradients(1);
        using (Tensor one = parameters.Gradients.narrow(0, parameters.Slices[3].Offset + 40_000, 1))
            one.fill_(broken);
        float[] before = bed.Values();

        step.Apply(1e-3).Should().BeFalse();

        bed.Values().Should().Equal(before);
        optimizer.StepCount.Should().Be(0);
        scaler.SkippedSteps.Should().Be(1);
        scaler.Scale.Should().Be(32768);
        double.IsFinite(step.GradientNorm).Should().BeFalse();
        parameters.GradientNorm().Should().Be(0);
    }

    [Fact]
    public void Apply_LargestFiniteGradients_AreNotTakenForAnOverflow()
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.Sgd, parameters);
        using GradientStep step = new(parameters, optimizer, 1.0);
        parameters.Gradients.fill_(float.MaxValue);

        step.Apply(1e-3).Should().BeTrue("squares are summed in double");
        bed.Values().Should().OnlyContain(value => float.IsFinite(value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Construct_ImpossibleNorm_Throws(double maxNorm)
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.Sgd, parameters);
        FluentActions.Invoking(() => new GradientStep(parameters, optimizer, maxNorm)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Construct_DeferredNormWithAScaler_IsRefused()
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.Sgd, parameters);
        FluentActions.Invoking(() => new GradientStep(parameters, optimizer, 1.0, new GradientScaler(new GradientScalerOptions()), deferNorm: true))
            .Should().Throw<ArgumentException>().WithMessage("*must know at once*");
    }
}
