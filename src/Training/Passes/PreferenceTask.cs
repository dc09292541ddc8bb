using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>Preference optimization of a policy against a frozen reference.</summary>
internal sealed class PreferenceTask(
    MiniMindNetwork policy, IReferenceLogProbs reference, IReadOnlyList<PreferenceExample> pairs, PreferenceObjective objective, BatchOptions options)
    : ITrainingTask
{
    public int Count => pairs.Count;

    public IReadOnlyList<string> MetricNames { get; } =
    [
        Training.MetricNames.Loss, Training.MetricNames.AuxiliaryLoss, Training.MetricNames.ChosenReward, Training.MetricNames.RejectedReward,
        Training.MetricNames.Accuracy, Training.MetricNames.Margin, Training.MetricNames.ChosenLogProb, Training.MetricNames.RejectedLogProb,
    ];

    public double Weight(ReadOnlySpan<int> examples) => examples.Length;

    public long Rows(IReadOnlyList<int> examples) => options.Shape switch
    {
        BatchShape.PaddedToMaximum => 2L * examples.Count * options.MaximumLength,
        BatchShape.PaddedToLongest => 2L * examples.Count * examples.Max(i => Math.Max(pairs[i].Chosen.InputIds.Length, pairs[i].Rejected.InputIds.Length)),
        BatchShape.PackedWithSharedPrefix => examples.Sum(i => Needed(pairs[i]) - pairs[i].SharedPrefix),
        _ => examples.Sum(i => Needed(pairs[i])),
    };

    public long Tokens(int example) => (long)pairs[example].Chosen.InputIds.Length + pairs[example].Rejected.InputIds.Length;

    public int StageOf(string parameter) => BackwardStage.Of(parameter, policy.Config.LayerCount);

    public BatchRows Build(int[] examples) => BatchBuilder.Pairs(
        [.. examples.Select(i => pairs[i])], options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding, options.BalanceRealTokensOnly);

    public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        long B = examples.Length;
        Tensor referenceSums = reference.Sums(batch, examples); // (2 * B)
        LayeredPass pass = new(policy, batch.InputIds, batch.Layout, batch.Mode, batch.TokenWeights, recompute: options.Checkpointing);
        Tensor referenceLogProbs = SequenceLogProbs.Reduce(referenceSums, batch, objective.Reduction); // (2 * B)
        PairLogProbs LogProbs(Tensor sums) => new(SequenceLogProbs.Reduce(sums, batch, objective.Reduction), referenceLogProbs, batch.LossTokens);

        HeadLoss loss = new(sums => objective.Losses(LogProbs(sums)).sum().Mul(scale), referenceSums, objective.Loss.Direction);
        HeadGradient head = HeadPass.Gradient(policy, pass.Hidden, batch, options.LogitsBudget, loss);
        pass.Backward(head.Hidden, scale * B, stageFinished);
        PairLogProbs logProbs = LogProbs(head.Sums);
        return Metrics(objective.Of(logProbs), logProbs, pass.AuxiliaryLoss).MoveToOuterDisposeScope();
    }

    public string Describe(int example) => pairs[example].Line > 0 ? $"line {pairs[example].Line}" : $"pair {example}";

    private static long Needed(PreferenceExample pair) => (long)pair.Chosen.NeededLength + pair.Rejected.NeededLength;

    private static Tensor Metrics(PreferenceLosses losses, PairLogProbs logProbs, Tensor? auxiliary)
    {
        Tensor weightedAuxiliary = auxiliary is null ? zeros_like(losses.ChosenRewards[0]) : auxiliary.Mul(logProbs.Count).to(ScalarType.Float64);
        Tensor accurate = RewardAccuracy.Of(losses.ChosenRewards, losses.RejectedRewards); // (B)
        return stack(
        [
            losses.Losses.detach().sum().Add(weightedAuxiliary), weightedAuxiliary, losses.ChosenRewards.sum(), losses.RejectedRewards.sum(),
            accurate.sum(), (losses.ChosenRewards - losses.RejectedRewards).sum(), logProbs.PolicyChosen.sum(), logProbs.PolicyRejected.sum(),
        ]); // (K)
    }
}
