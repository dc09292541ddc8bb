using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Every way to save arithmetic or memory gives the same loss and gradients as the plain one.</summary>
public sealed class BatchShapeTests
{
    private const int MaximumLength = 40;

    public static TheoryData<string, string> Levers()
    {
        TheoryData<string, string> levers = [];
        foreach (string source in new[] { "model-dense/yarn", "model-moe/top2" })
        {
            foreach (string lever in new[] { "shared", "packed", "longest", "all-rows", "slices", "slices-of-pairs", "checkpointing", "everything" }) levers.Add(source, lever);
        }
        return levers;
    }

    [Theory]
    [MemberData(nameof(Levers))]
    public void Accumulate_WithLever_GivesThePlainLossAndGradients(string source, string lever)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchOptions plain = new(BatchShape.PaddedToMaximum, HeadOnResponseOnly: false, MaximumLength, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);
        const long slice = 7 * 512;
        BatchOptions levered = lever switch
        {
            "shared" => plain with { Shape = BatchShape.PackedWithSharedPrefix },
            "packed" => plain with { Shape = BatchShape.Packed },
            "longest" => plain with { Shape = BatchShape.PaddedToLongest },
            "all-rows" => plain with { HeadOnResponseOnly = true },
            "slices" => plain with { LogitsBudget = slice },
            "slices-of-pairs" => plain with { HeadOnResponseOnly = true, LogitsBudget = 45 * 512 }, // some pairs whole, two together, none in parts
            "checkpointing" => plain with { Checkpointing = true },
            _ => plain with { Shape = BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly = true, LogitsBudget = slice, Checkpointing = true },
        };

        (Tensor expected, Tensor expectedGradients) = Run(source, plain);
        (Tensor actual, Tensor gradients) = Run(source, levered);

        TensorAssertions.RelativeDistance(actual, expected).Should().BeLessThan(1e-5);
        TensorAssertions.RelativeDistance(gradients, expectedGradients).Should().BeLessThan(1e-5);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(64)]
    public void Accumulate_SupervisedInSlices_GivesThePlainLossAndGradients(int labels)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchOptions whole = new(BatchShape.Packed, HeadOnResponseOnly: true, MaximumLength, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);

        (Tensor expected, Tensor expectedGradients) = RunSupervised(whole);
        (Tensor actual, Tensor gradients) = RunSupervised(whole with { LogitsBudget = labels * 512 });

        TensorAssertions.RelativeDistance(actual, expected).Should().BeLessThan(1e-5);
        TensorAssertions.RelativeDistance(gradients, expectedGradients).Should().BeLessThan(1e-5);
    }

    private static (Tensor Metrics, Tensor Gradients) RunSupervised(BatchOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense/yarn"));
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        Response[] responses = [.. RandomPairs.Make(6, 512, seed: 7).Select(pair => pair.Chosen)];
        SupervisedTask task = new(network, responses, new long[responses.Length], options);
        int[] examples = [0, 1, 2, 3, 4, 5];
        Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(examples), ScalarType.Float32, CPU), examples, 1.0 / 6);
        return (metrics.MoveToOuterDisposeScope(), parameters.Gradients.clone().MoveToOuterDisposeScope());
    }

    private static (Tensor Metrics, Tensor Gradients) Run(string source, BatchOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = GoldenModels.Load(TestFiles.Golden(source));
        using MiniMindNetwork reference = GoldenModels.Load(TestFiles.Golden(source));
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using (no_grad()) parameters.Values.mul_(1.05f); // a policy that differs from its reference
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(6, 512, seed: 7);
        PreferenceTask task = new(policy, new LiveReference(reference, options.LogitsBudget), pairs, 0.3, LogProbReduction.Mean, options);
        int[] examples = [0, 1, 2, 3, 4, 5];
        Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(examples), ScalarType.Float32, CPU), examples, 1.0 / 6);
        return (metrics.MoveToOuterDisposeScope(), parameters.Gradients.clone().MoveToOuterDisposeScope());
    }
}
