using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>The loss before the first step where the reference ran once, over batches of other pairs than training's: ln 2 to a millionth.</summary>
public sealed class StartLossReferenceTests
{
    private const int Vocabulary = 700;
    private static readonly PreferenceExample[] s_long = LongPairs.Make(Vocabulary, 5, (1012, 1000), (30, 31), (5, 700), (300, 6));
    private static readonly PreferenceExample[] s_short = LongPairs.Make(Vocabulary, 6, (200, 90), (30, 31), (5, 170), (60, 6));

    public static TheoryData<string, bool, bool, bool> Passes()
    {
        TheoryData<string, bool, bool, bool> passes = [];
        foreach (BatchShape shape in Enum.GetValues<BatchShape>())
        {
            foreach (bool fused in new[] { false, true })
            {
                passes.Add(shape.ToString(), fused, false, false);
                passes.Add(shape.ToString(), fused, true, false);
                passes.Add(shape.ToString(), fused, false, true);
            }
        }
        return passes;
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void Accumulate_ReferenceOfOtherBatches_LossIsLn2ToAMillionth(string shape, bool fused, bool bf16, bool experts) =>
        ShouldBeginAtLn2(s_short, Enum.Parse<BatchShape>(shape), fused, bf16, experts);

    [Fact]
    public void Accumulate_ReferenceOfOtherBatchesOf1024Tokens_LossIsLn2ToAMillionth() =>
        ShouldBeginAtLn2(s_long, BatchShape.PackedWithSharedPrefix, fused: true, bf16: false, experts: false);

    [Theory]
    [InlineData(1 + 2e-9, true)]
    [InlineData(1 - 2e-9, true)]
    [InlineData(1 + 5e-10, false)]
    public void RequireEqual_SumsThatWouldMoveTheLossByAMillionth_AreRefused(double factor, bool refused)
    {
        Action compare = () => StartCheck.RequireEqual([-20, -9000 * factor], [-20, -9000], 1e-9, sum => $"sum {sum}");

        if (refused)
            compare.Should().Throw<InvalidOperationException>().WithMessage("*gives sum 1 a log-probability*");
        else
            compare.Should().NotThrow();
    }

    private static void ShouldBeginAtLn2(PreferenceExample[] pairs, BatchShape shape, bool fused, bool bf16, bool experts)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = new(new ModelConfig
        {
            VocabularySize = Vocabulary, HiddenSize = 64, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 1100,
            Experts = experts ? new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 64 } : null,
        });
        using Generator random = new(4, CPU);
        policy.Initialize(random, deviation: 0.1);
        ComputeMode mode = new(bf16 ? ScalarType.BFloat16 : ScalarType.Float32, fused);
        BatchOptions options = new(shape, HeadOnResponseOnly: true, pairs == s_long ? 1020 : 210, 0, BalanceRealTokensOnly: true, mode, 300L * Vocabulary);
        PreferenceTask Task(IReferenceLogProbs theirs) => new(policy, theirs, pairs, new(PreferenceLoss.Sigmoid(), 0.15, LogProbReduction.Sum), options);
        PrecomputedReference once = PrecomputedReference.Compute(policy, [[0, 1], [2], [3]], Task(new AbsentReference()).Build, mode, options.LogitsBudget,
            new SingleProcess(), default, new ForwardPasses());
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        PreferenceTask task = Task(once);
        int[] examples = [3, 0, 2];

        double[] metrics = [.. task.Accumulate(new DeviceBatch(task.Build(examples), mode, CPU), examples, 1.0 / 3).data<double>()];

        ((metrics[0] - metrics[1]) / 3).Should().BeApproximately(Math.Log(2), 1e-6, "the load-balancing loss comes on top");
        if (experts)
            metrics[1].Should().BeGreaterThan(0);
    }
}
