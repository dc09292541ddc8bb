using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Before the first step policy and reference are one model: the loss is ln 2, every margin 0, every pair a tie.</summary>
public sealed class StartLossTests
{
    public static TheoryData<string, bool, bool, bool, int> Passes()
    {
        TheoryData<string, bool, bool, bool, int> passes = [];
        foreach (bool fused in new[] { false, true })
        {
            foreach (bool bf16 in new[] { false, true })
            {
                if (fused)
                    passes.Add(nameof(BatchShape.PackedWithSharedPrefix), fused, bf16, false, 5_000);
                passes.Add(nameof(BatchShape.PackedWithSharedPrefix), fused, bf16, false, 900);
                passes.Add(nameof(BatchShape.Packed), fused, bf16, true, 200);
                passes.Add(nameof(BatchShape.PaddedToLongest), fused, bf16, false, 900);
                passes.Add(nameof(BatchShape.PaddedToMaximum), fused, bf16, true, 200);
            }
        }
        return passes;
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void Accumulate_PolicyIsTheReference_LossIsLn2ToTheLastBit(string shape, bool fused, bool bf16, bool recompute, int labels)
    {
        using DisposeScope scope = NewDisposeScope();
        const int vocabulary = 700;
        using MiniMindNetwork policy = new(new ModelConfig
        {
            VocabularySize = vocabulary, HiddenSize = 64, LayerCount = 2, HeadCount = 4,
            KeyValueHeadCount = 2, MaxPositions = 1100
        });
        using Generator random = new(4, CPU);
        policy.Initialize(random, deviation: 0.1);
        using MiniMindNetwork reference = policy.Clone(CPU);
        PreferenceExample[] pairs = LongPairs.Make(vocabulary, 5, (1000, 400), (30, 31), (200, 900));
        ComputeMode mode = new(bf16 ? ScalarType.BFloat16 : ScalarType.Float32, fused);
        BatchOptions options = new(Enum.Parse<BatchShape>(shape), HeadOnResponseOnly: shape != nameof(BatchShape.PaddedToMaximum), 1020, 0,
            BalanceRealTokensOnly: true, mode, (long)labels * vocabulary, recompute);
        LiveReference live = new(reference, options.LogitsBudget);
        PreferenceTask task = new(policy, live, pairs, new(PreferenceLoss.Sigmoid(), 0.15, LogProbReduction.Sum), options);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));

        StartCheck.PolicyEqualsReference(policy, live, task, options, [0, 1, 2]);
        DeviceBatch batch = new(task.Build([0, 1, 2]), mode, CPU);
        NetworkScorer.TrainingSums(policy, batch, options).data<double>().ToArray().Should().Equal(live.Sums(batch, [0, 1, 2]).data<double>().ToArray());
        double[] metrics = [.. task.Accumulate(new DeviceBatch(task.Build([0, 1, 2]), mode, CPU), [0, 1, 2], 1.0 / 3).data<double>()];

        metrics[0].Should().BeApproximately(3 * Math.Log(2), 1e-14);
        metrics[2..6].Should().Equal(new double[] { 0, 0, 1.5, 0 }, "rewards are 0, three ties count half each, and the margin is 0");
    }
}
