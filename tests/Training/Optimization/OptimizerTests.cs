using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

public class OptimizerTests
{
    private const int Steps = 10;

    public static TheoryData<OptimizerKind> Kinds => [.. Enum.GetValues<OptimizerKind>()];

    public static IEnumerable<object[]> KindsAndPaths =>
        from kind in Enum.GetValues<OptimizerKind>()
        from fused in new[] { true, false }
        from decayNorms in new[] { true, false }
        select new object[] { kind, fused, decayNorms };

    [Theory]
    [MemberData(nameof(KindsAndPaths))]
    public void Step_TenScaledSteps_FollowsTheDoubleOracle(OptimizerKind kind, bool fused, bool decayNorms)
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named, decayNorms);
        using IOptimizer optimizer = OptimizerSetup.Ours(kind, parameters, fused);
        double[] start = Widen(bed.Values());
        OptimizerOracle oracle = new(kind, start);
        bool[] inMatrix = bed.InMatrix();

        for (int step = 1; step <= Steps; step++)
        {
            double scale = 0.25 + 0.1 * step;
            oracle.Step([.. bed.SetGradients(step).Select(gradient => gradient * scale)], Rate(step), i => decayNorms || inMatrix[i]);
            optimizer.Step(Rate(step), scale);
        }

        double[] moved = [.. bed.Values().Select((value, i) => value - start[i])];
        double[] expected = [.. oracle.Values.Select((value, i) => value - start[i])];
        ParameterBed.RelativeDistance(moved, expected).Should().BeLessThan(4e-5,
            "weights of size 0.5 take twenty roundings of 1.3e-8 while they move by 0.004: 1.5e-5 is to be expected");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DeviceAdamW_TenScaledSteps_FollowsTheDoubleOracle(bool decays)
    {
        using DisposeScope scope = NewDisposeScope();
        using ParameterBed bed = new();
        AdamWOptions options = new() { Beta1 = OptimizerSetup.Beta1, Beta2 = OptimizerSetup.Beta2, Epsilon = OptimizerSetup.Epsilon };
        double[] start = Widen(bed.Values());
        OptimizerOracle oracle = new(OptimizerKind.AdamW, start);
        Tensor values = tensor(bed.Values()), mean = zeros_like(values), meanSquare = zeros_like(values);

        for (int step = 1; step <= Steps; step++)
        {
            double scale = step == 1 ? 1 : 0.25 + 0.1 * step;
            float[] gradients = bed.SetGradients(step);
            oracle.Step([.. gradients.Select(gradient => gradient * scale)], Rate(step), _ => decays);
            DeviceAdamW.Apply(
                values, tensor(gradients), mean, meanSquare, step, Rate(step), decays ? OptimizerSetup.WeightDecay : 0, options, scale);
        }

        double[] moved = [.. values.data<float>().ToArray().Select((value, i) => value - start[i])];
        double[] expected = [.. oracle.Values.Select((value, i) => value - start[i])];
        ParameterBed.RelativeDistance(moved, expected).Should().BeLessThan(4e-5, "as above");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_TenSteps_GivesTorchSharpsWeights(OptimizerKind kind)
    {
        using ParameterBed bed = new();
        using ParameterBed torchBed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(kind, parameters);
        using optim.Optimizer torchs = OptimizerSetup.TorchSharps(kind, torchBed.Parameters);

        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            bed.SetGradients(step);
            torchBed.SetGradients(step);
            optimizer.Step(Rate(step));
            foreach (torch.optim.ILearningRateController group in torchs.ParamGroups)
                group.LearningRate = Rate(step);
            torchs.step();
        }

        ParameterBed.RelativeDistance(Widen(bed.Values()), Widen(torchBed.Values())).Should().BeLessThan(1e-7,
            "operations come in torch's order, and a weight's last bit is worth 6e-8");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_OnAnyNumberOfThreads_GivesTheSameBits(OptimizerKind kind)
    {
        float[] one = Train(kind, threads: 1), three = Train(kind, threads: 3);
        three.Should().Equal(one);

        static float[] Train(OptimizerKind kind, int threads)
        {
            using ParameterBed bed = new();
            using FlatParameters parameters = new(bed.Named) { Threads = threads };
            using IOptimizer optimizer = OptimizerSetup.Ours(kind, parameters);
            for (int step = 1; step <= 3; step++)
            {
                bed.SetGradients(step);
                optimizer.Step(0.01, 1 / parameters.GradientNorm());
            }
            return bed.Values();
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndPaths))]
    public void LoadState_AfterSixSteps_ContinuesBitForBit(OptimizerKind kind, bool fused, bool decayNorms)
    {
        using ParameterBed bed = new();
        using ParameterBed resumedBed = new();
        using FlatParameters parameters = new(bed.Named, decayNorms);
        using FlatParameters resumedParameters = new(resumedBed.Named, decayNorms);
        using IOptimizer optimizer = OptimizerSetup.Ours(kind, parameters, fused);
        using IOptimizer resumed = OptimizerSetup.Ours(kind, resumedParameters, fused);

        for (int step = 1; step <= Steps; step++)
        {
            bed.SetGradients(step);
            optimizer.Step(Rate(step));
            if (step < 6)
                continue;
            if (step == 6)
            {
                resumedParameters.Values.copy_(parameters.Values);
                resumed.LoadState(optimizer.State, optimizer.StepCount);
                continue;
            }
            resumedBed.SetGradients(step);
            resumed.Step(Rate(step));
        }

        resumed.StepCount.Should().Be(Steps);
        resumedBed.Values().Should().Equal(bed.Values());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_ToldToZeroGradients_LeavesZerosAndTheSameWeights(bool fused)
    {
        using ParameterBed bed = new();
        using ParameterBed zeroedBed = new();
        using FlatParameters parameters = new(bed.Named);
        using FlatParameters zeroed = new(zeroedBed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.AdamW, parameters, fused);
        using IOptimizer zeroing = OptimizerSetup.Ours(OptimizerKind.AdamW, zeroed, fused);
        float[] gradients = bed.SetGradients(1);
        zeroedBed.SetGradients(1);

        optimizer.Step(0.01, gradientScale: 0.5);
        zeroing.Step(0.01, gradientScale: 0.5, zeroGradients: true);

        zeroed.GradientNorm().Should().Be(0);
        bed.Parameters.SelectMany(parameter => ParameterBed.Read(parameter.grad!)).Should().Equal(gradients, "the stored gradients stay unscaled");
        zeroedBed.Values().Should().Equal(bed.Values());
    }

    [Fact]
    public void Step_WithoutDecayOfNorms_ShrinksMatricesOnly()
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named, decayNorms: false);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.AdamW, parameters);
        float[] before = bed.Values();

        optimizer.Step(0.5);

        float keep = (float)(1 - 0.5 * OptimizerSetup.WeightDecay);
        bool[] inMatrix = bed.InMatrix();
        bed.Values().Should().Equal(before.Select((value, i) => inMatrix[i] ? value * keep : value), "gradients are zero");
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(-1e-3, 1)]
    [InlineData(1e-3, double.NaN)]
    [InlineData(1e-3, double.PositiveInfinity)]
    public void Step_ImpossibleNumbers_ThrowsAndChangesNothing(double learningRate, double gradientScale)
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.RmsProp, parameters);
        bed.SetGradients(1);
        float[] before = bed.Values();

        FluentActions.Invoking(() => optimizer.Step(learningRate, gradientScale)).Should().Throw<ArgumentOutOfRangeException>();

        optimizer.StepCount.Should().Be(0);
        bed.Values().Should().Equal(before);
    }

    [Fact]
    public void LoadState_OfAnotherOptimizerOrModel_ListsWhatDiffers()
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);
        using IOptimizer optimizer = OptimizerSetup.Ours(OptimizerKind.RmsPropWithMomentum, parameters);
        using Tensor tooShort = zeros(7);
        using Tensor foreign = zeros(7);

        FluentActions.Invoking(() => optimizer.LoadState(new Dictionary<string, Tensor> { ["square_avg"] = tooShort, ["exp_avg"] = foreign }, 3))
            .Should().Throw<ArgumentException>()
            .WithMessage($"*rmsprop*'momentum_buffer' is missing*'exp_avg' is unknown*'square_avg' has shape ?7?, not ?{parameters.Values.numel()}?*");
        optimizer.StepCount.Should().Be(0);
    }

    [Fact]
    public void Construct_ImpossibleOptions_ListsEveryFault()
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named);

        FluentActions.Invoking(() => new AdamW(parameters, new AdamWOptions { Beta1 = 1, Beta2 = -0.1, Epsilon = 0, WeightDecay = double.NaN }))
            .Should().Throw<ArgumentException>().WithMessage("AdamW: Beta1 is 1;*Beta2 is -0.1;*Epsilon is 0;*WeightDecay is NaN;*");
        FluentActions.Invoking(() => new Sgd(parameters, new SgdOptions { Momentum = 1 }))
            .Should().Throw<ArgumentException>().WithMessage("Sgd: Momentum is 1; it must be at least 0 and below 1.");
        FluentActions.Invoking(() => new RmsProp(parameters, new RmsPropOptions { Alpha = 2, WeightDecay = -1 }))
            .Should().Throw<ArgumentException>().WithMessage("RmsProp: Alpha is 2;*WeightDecay is -1;*");
    }

    private static double Rate(int step) => 1e-3 * (1 + Math.Cos(0.3 * step));

    private static double[] Widen(float[] values) => [.. values.Select(value => (double)value)];
}
