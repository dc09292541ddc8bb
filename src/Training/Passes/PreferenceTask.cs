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
    private readonly bool _isWeighted = PairWeights.AreGiven(pairs), _hasOffsets = pairs.Any(pair => pair.Offset != 0);

    public int Count => pairs.Count;

    public IReadOnlyList<string> MetricNames { get; } =
    [
        Training.MetricNames.Loss, Training.MetricNames.AuxiliaryLoss, Training.MetricNames.ChosenReward, Training.MetricNames.RejectedReward,
        Training.MetricNames.Accuracy, Training.MetricNames.Margin, Training.MetricNames.ChosenLogProb, Training.MetricNames.RejectedLogProb,
        .. objective.Loss.MeasuredParts.Select((part, i) => Training.MetricNames.OfPart(i, part.Loss.Name)),
    ];

    public double Weight(ReadOnlySpan<int> examples) => _isWeighted ? PairWeights.Sum(pairs, examples) : examples.Length;

    public long Rows(IReadOnlyList<int> examples) => options.Shape switch
    {
        BatchShape.PaddedToMaximum => 2L * examples.Count * options.MaximumLength,
        BatchShape.PaddedToLongest => 2L * examples.Count * examples.Max(i => Math.Max(pairs[i].Chosen.InputIds.Length, pairs[i].Rejected.InputIds.Length)),
        BatchShape.PackedWithSharedPrefix => examples.Sum(i => Needed(pairs[i]) - pairs[i].SharedPrefix),
        _ => examples.Sum(i => Needed(pairs[i])),
    };

    public long Tokens(int example) => (long)pairs[example].Chosen.InputIds.Length + pairs[example].Rejected.InputIds.Length;

    public int StageOf(string parameter) => BackwardStage.Of(parameter, policy.Config.LayerCount);

    public BatchRows Build(int[] examples)
    {
        PreferenceExample[] batch = [.. examples.Select(i => pairs[i])];
        BatchRows rows = BatchBuilder.Pairs(
            batch, options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding, options.BalanceRealTokensOnly, objective.HasTails);
        if (_isWeighted && policy.Config.Experts is not null)
            rows.TokenWeights = PairWeights.OfRows(rows, batch, options.Shape);
        return rows;
    }

    public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? weights = _isWeighted ? Numbers(examples, pair => pair.Weight) : null; // (B)
        Tensor? offsets = _hasOffsets ? Numbers(examples, pair => pair.Offset) : null; // (B)
        Tensor referenceSums = reference.Sums(batch, examples); // (sums)
        LayeredPass pass = new(policy, batch.InputIds, batch.Layout, batch.Mode, batch.TokenWeights, recompute: options.Checkpointing);
        PairLogProbs LogProbs(Tensor sums) => objective.Pairs(sums, referenceSums, batch.LossTokens) with { Offsets = offsets };

        HeadLoss loss = new(
            sums => Sum(objective.Losses(LogProbs(sums)), weights).Mul(scale), Near(referenceSums, batch, offsets), objective.Loss.Direction,
            objective.HasCollisions);
        HeadGradient head = HeadPass.Gradient(policy, pass.Hidden, batch, options.LogitsBudget, loss);
        double weight = Weight(examples);
        pass.Backward(head.Hidden, scale * weight, stageFinished);
        PairLogProbs logProbs = LogProbs(head.Sums);
        return Metrics(objective.Of(logProbs), logProbs, pass.AuxiliaryLoss, weights, weight).MoveToOuterDisposeScope();
    }

    public string Describe(int example) => pairs[example].Line > 0 ? $"line {pairs[example].Line}" : $"pair {example}";

    private static long Needed(PreferenceExample pair) => (long)pair.Chosen.NeededLength + pair.Rejected.NeededLength;

    private static Tensor Sum(Tensor values, Tensor? weights) => weights is null ? values.sum() : (values * weights).sum(); // (B) -> ()

    private Tensor Metrics(PreferenceLosses losses, PairLogProbs logProbs, Tensor? auxiliary, Tensor? weights, double weight)
    {
        Tensor weightedAuxiliary = auxiliary is null ? zeros_like(losses.ChosenRewards[0]) : auxiliary.Mul(weight).to(ScalarType.Float64);
        Tensor accurate = RewardAccuracy.Of(losses.ChosenRewards, losses.RejectedRewards); // (B)
        return stack(
        [
            Sum(losses.Losses.detach(), weights).Add(weightedAuxiliary), weightedAuxiliary,
            Sum(losses.ChosenRewards, weights), Sum(losses.RejectedRewards, weights),
            Sum(accurate, weights), Sum(losses.ChosenRewards - losses.RejectedRewards, weights),
            Sum(logProbs.PolicyChosen, weights), Sum(logProbs.PolicyRejected, weights),
            .. objective.PartLosses(logProbs).Select(part => Sum(part, weights)),
        ]); // (K)
    }

    /// <summary>Sums at which the margins are what the offsets ask for, so that no pair's gradient is too small for its direction to be seen; (S).</summary>
    private Tensor Near(Tensor referenceSums, DeviceBatch batch, Tensor? offsets)
    {
        if (offsets is null)
            return referenceSums;
        Tensor nats = cat([offsets.Div(objective.Beta), zeros_like(offsets)]); // (2 * B)
        return referenceSums.Add(objective.Reduction == LogProbReduction.Mean ? nats * batch.LossTokens : nats);
    }

    private Tensor Numbers(int[] examples, Func<PreferenceExample, double> number) =>
        HostCopy.To(tensor(Array.ConvertAll(examples, i => number(pairs[i]))), policy.Device); // (B)
}
