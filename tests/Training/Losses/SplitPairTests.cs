using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>A step whose logits are made in slices smaller than a pair, or than the batch, against the step with all logits at once.</summary>
public sealed class SplitPairTests
{
    private const int Vocabulary = 96, Pairs = 5;

    private static readonly Dictionary<string, PreferenceLoss> s_losses = new(EveryLoss.ByName)
    {
        ["smoothed"] = PreferenceLoss.Sigmoid(0.2), ["with likelihood"] = new SigmoidWithLikelihood(), ["coupled"] = new CenteredSigmoid(),
    };

    /// <summary>Losses of each direction, slices of one label and of whole pairs, kernels or not, sums and means, labels that do not count or not.</summary>
    public static TheoryData<string, int, bool, LogProbReduction, bool> Cases()
    {
        TheoryData<string, int, bool, LogProbReduction, bool> cases = [];
        foreach (string loss in s_losses.Keys)
        {
            foreach (int labels in (int[])[1, 24])
            {
                foreach (bool fused in (bool[])[false, true])
                {
                    if (s_losses[loss].Takes(LogProbReduction.Sum))
                        cases.Add(loss, labels, fused, LogProbReduction.Sum, true);
                    if (s_losses[loss].Takes(LogProbReduction.Mean))
                        cases.Add(loss, labels, fused, LogProbReduction.Mean, false);
                }
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulate_SmallLogitsBudget_GivesTheGradientOfAllAtOnce(string loss, int labels, bool fused, LogProbReduction reduction, bool countedOnly) =>
        Distance(s_losses[loss], labels, fused, reduction, countedOnly).Should().BeLessThan(1e-5, "slices change the order of fp32 sums only");

    [Fact]
    public void Accumulate_LossThatClaimsAFixedDirection_ShowsThatTheDistanceTells()
    {
        Distance(new SigmoidWithLikelihood(GradientDirection.Fixed), 1, fused: false, LogProbReduction.Sum, countedOnly: true).Should().BeGreaterThan(1e-2);
        Distance(new CenteredSigmoid(GradientDirection.Free), 24, fused: false, LogProbReduction.Sum, countedOnly: true).Should().BeGreaterThan(1e-2);
    }

    private static double Distance(PreferenceLoss loss, int labels, bool fused, LogProbReduction reduction, bool countedOnly)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor whole, double[] metrics) = Step(loss, long.MaxValue, fused, reduction, countedOnly);
        (Tensor parts, double[] same) = Step(loss, (long)labels * Vocabulary, fused, reduction, countedOnly);
        foreach ((double value, double expected) in same.Zip(metrics))
            value.Should().BeApproximately(expected, 1e-5 * Math.Max(1, Math.Abs(expected)));
        return TensorAssertions.RelativeDistance(parts, whole);
    }

    private static (Tensor Gradient, double[] Metrics) Step(PreferenceLoss loss, long budget, bool fused, LogProbReduction reduction, bool countedOnly)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(seed: 4), reference = Network(seed: 5);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        ComputeMode mode = new(ScalarType.Float32, fused);
        BatchOptions options = new(BatchShape.PackedWithSharedPrefix, countedOnly, 64, 0, BalanceRealTokensOnly: false, mode, budget);
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(Pairs, Vocabulary, seed: 7);
        PreferenceTask task = new(policy, new LiveReference(reference, long.MaxValue), pairs, new PreferenceObjective(loss, 0.5, reduction), options);
        int[] examples = [.. Enumerable.Range(0, Pairs)];
        double[] metrics = [.. task.Accumulate(new DeviceBatch(task.Build(examples), options.Mode, CPU), examples, 1.0 / Pairs).data<double>()];
        return (cat([.. policy.parameters().Select(p => p.grad!.reshape(-1))]).MoveToOuterDisposeScope(), metrics);
    }

    private static MiniMindNetwork Network(ulong seed)
    {
        ModelConfig config = new() { VocabularySize = Vocabulary, HiddenSize = 32, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 64 };
        MiniMindNetwork network = new(config);
        using Generator random = new(seed, CPU);
        network.Initialize(random, deviation: 0.2);
        return network;
    }
}
