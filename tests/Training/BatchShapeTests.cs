using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Every way to save arithmetic or memory gives the same loss and gradients as the plain one.</summary>
public sealed class BatchShapeTests
{
    private const int MaximumLength = 40;
    private static readonly ComputeMode s_plain = new(ScalarType.Float32, Fused: false);

    public static TheoryData<string, string> Levers()
    {
        TheoryData<string, string> levers = [];
        foreach (string source in new[] { "model-dense/yarn", "model-moe/top2" })
        {
            foreach (string lever in new[] { "shared", "packed", "longest", "all-rows", "slices", "slices-of-pairs", "checkpointing", "fused", "everything",
                "everything-fused" })
            {
                levers.Add(source, lever);
            }
        }
        return levers;
    }

    [Theory]
    [MemberData(nameof(Levers))]
    public void Accumulate_WithLever_GivesThePlainLossAndGradients(string source, string lever)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchOptions plain = new(BatchShape.PaddedToMaximum, HeadOnResponseOnly: false, MaximumLength, 0, BalanceRealTokensOnly: true, s_plain, long.MaxValue);
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
            "fused" => plain with { Mode = ScalarType.Float32 },
            "everything" => plain with { Shape = BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly = true, LogitsBudget = slice, Checkpointing = true },
            _ => plain with
            {
                Mode = ScalarType.Float32,
                Shape = BatchShape.PackedWithSharedPrefix,
                HeadOnResponseOnly = true,
                LogitsBudget = slice,
                Checkpointing = true
            },
        };

        (Tensor expected, Gradient[] expectedGradients) = Run(source, plain);
        (Tensor actual, Gradient[] gradients) = Run(source, levered);

        ShouldBeTheSame(actual, expected, gradients, expectedGradients);
    }

    [Theory]
    [InlineData("model-dense/yarn")]
    [InlineData("model-moe/top2")]
    public void Accumulate_ReferenceComputedOnce_GivesTheLiveReferencesLossAndGradients(string source)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchOptions options = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, MaximumLength, 0, BalanceRealTokensOnly: true,
            ScalarType.Float32, long.MaxValue);

        (Tensor expected, Gradient[] expectedGradients) = Run(source, options);
        (Tensor actual, Gradient[] gradients) = Run(source, options, referenceOnce: true);

        ShouldBeTheSame(actual, expected, gradients, expectedGradients);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Accumulate_LongAnswersToSharedPrompts_GiveThePlainLossAndGradients(bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        PreferenceExample[] pairs = [LongPair(30, 60, 620, seed: 1), LongPair(30, 650, 600, seed: 2), LongPair(5, 40, 50, seed: 3)];
        PackedLayout.Masked(30, pairs[0].Rejected.NeededLength - 30).Should().BeFalse("that is when the prompt's rows look again, with the causal flag");
        PackedLayout.Masked(5, pairs[2].Rejected.NeededLength - 5).Should().BeTrue("both ways must stand in one batch");
        BatchOptions shared = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 700, 0, BalanceRealTokensOnly: true,
            new ComputeMode(ScalarType.Float32, fused), long.MaxValue);

        (Tensor expected, Gradient[] expectedGradients) = Run(
            LongNetwork, pairs, shared with { Shape = BatchShape.PaddedToMaximum, HeadOnResponseOnly = false, Mode = s_plain });
        (Tensor actual, Gradient[] gradients) = Run(LongNetwork, pairs, shared);

        ShouldBeTheSame(actual, expected, gradients, expectedGradients);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(64)]
    public void Accumulate_SupervisedInSlices_GivesThePlainLossAndGradients(int labels)
    {
        using DisposeScope scope = NewDisposeScope();
        BatchOptions whole = new(BatchShape.Packed, HeadOnResponseOnly: true, MaximumLength, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);

        (Tensor expected, Tensor expectedGradients) = RunSupervised(whole with { Mode = s_plain });
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
        Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(examples), options.Mode, CPU), examples, 1.0 / 6);
        return (metrics.MoveToOuterDisposeScope(), parameters.Gradients.clone().MoveToOuterDisposeScope());
    }

    private static (Tensor Metrics, Gradient[] Gradients) Run(string source, BatchOptions options, bool referenceOnce = false) =>
        Run(() => GoldenModels.Load(TestFiles.Golden(source)), RandomPairs.Make(6, 512, seed: 7), options, referenceOnce);

    private static (Tensor Metrics, Gradient[] Gradients) Run(
        Func<MiniMindNetwork> network, IReadOnlyList<PreferenceExample> pairs, BatchOptions options, bool referenceOnce = false)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = network(), reference = network();
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using (no_grad())
            parameters.Values.mul_(1.05f); // a policy that differs from its reference
        int[] examples = [.. Enumerable.Range(0, pairs.Count)];
        PreferenceTask Task(IReferenceLogProbs theirs) => new(policy, theirs, pairs, new(PreferenceLoss.Sigmoid(), 0.3, LogProbReduction.Mean), options);
        PreferenceTask task = Task(referenceOnce
            ? PrecomputedReference.Compute(
                reference, [.. examples.Chunk(4)], Task(new AbsentReference()).Build, options.Mode, options.LogitsBudget, new SingleProcess(),
                    CancellationToken.None, new ForwardPasses())
            : new LiveReference(reference, options.LogitsBudget));
        Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(examples), options.Mode, CPU), examples, 1.0 / examples.Length);
        Gradient[] gradients = [.. policy.named_parameters().Select(p => new Gradient(p.name, p.parameter.grad!.clone().MoveToOuterDisposeScope()))];
        return (metrics.MoveToOuterDisposeScope(), gradients);
    }

    private static void ShouldBeTheSame(Tensor metrics, Tensor expectedMetrics, Gradient[] gradients, Gradient[] expectedGradients)
    {
        TensorAssertions.RelativeDistance(metrics, expectedMetrics).Should().BeLessThan(1e-5);
        TensorAssertions.RelativeDistance(metrics[0], expectedMetrics[0]).Should().BeLessThan(1e-5, "that is the loss, which log-probabilities would hide");
        TensorAssertions.RelativeDistance(Flat(gradients), Flat(expectedGradients)).Should().BeLessThan(1e-5);
        foreach ((Gradient actual, Gradient expected) in gradients.Zip(expectedGradients))
        {
            // sums in another order differ by about 1e-6, the most where terms of either sign leave little over (queries, keys and routers)
            TensorAssertions.RelativeDistance(actual.Value, expected.Value).Should().BeLessThan(1e-5, $"that is the gradient of {expected.Parameter}");
        }
    }

    private static Tensor Flat(IEnumerable<Gradient> gradients) => cat([.. gradients.Select(gradient => gradient.Value.flatten())]);

    private static MiniMindNetwork LongNetwork()
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = 64, HiddenSize = 32, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1,
            MaxPositions = 1024
        });
        using Generator random = new(4, CPU);
        network.Initialize(random, deviation: 0.2);
        return network;
    }

    private static PreferenceExample LongPair(int prompt, int chosen, int rejected, int seed)
    {
        Random random = new(seed);
        int[] Ids(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3, 64))];
        int[] question = Ids(prompt);
        Response Side(int first, int length)
        {
            int[] ids = [.. question, first, .. Ids(length)];
            return new Response(ids[..^1], ids[1..], [.. Enumerable.Range(1, ids.Length - 1).Select(t => (byte)(t >= prompt ? 1 : 0))]);
        }
        return new PreferenceExample(Side(1, chosen), Side(2, rejected), seed);
    }

    private sealed record Gradient(string Parameter, Tensor Value);
}
