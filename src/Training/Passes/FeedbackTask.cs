using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>Optimization of a policy on good and bad answers against a frozen reference.</summary>
/// <param name="policy">What is trained.</param>
/// <param name="reference">What it is compared with; it runs in every step.</param>
/// <param name="rows">The answers.</param>
/// <param name="objective">The loss.</param>
/// <param name="options">How batches are laid out and computed.</param>
/// <param name="mismatched">Runs the mismatched rows of a step.</param>
internal sealed class FeedbackTask(
    MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<FeedbackExample> rows, FeedbackObjective objective, BatchOptions options,
    BaselineEstimate mismatched) : ITrainingTask, IDisposable
{
    private const int Good = 7; // of the sums: how many answers are good ones
    private Tensor? _baseline; // ()

    public int Count => rows.Count;

    public IReadOnlyList<string> MetricNames { get; } =
    [
        Training.MetricNames.Loss, Training.MetricNames.AuxiliaryLoss, Training.MetricNames.ChosenReward, Training.MetricNames.RejectedReward,
        Training.MetricNames.Accuracy, Training.MetricNames.ChosenLogProb, Training.MetricNames.RejectedLogProb, Training.MetricNames.GoodShare,
        .. objective.HasBaseline ? [Training.MetricNames.Baseline] : Array.Empty<string>(),
    ];

    /// <summary>The baseline z of the step at hand, nats, (), fp64, on the device; the task's own. <see langword="null"/> where the loss has none.</summary>
    public Tensor? Baseline => _baseline;

    public double Weight(ReadOnlySpan<int> examples) => examples.Length;

    public long Rows(IReadOnlyList<int> examples) => ResponseRows.Of([.. examples.Select(i => rows[i].Response)], options);

    public long Tokens(int example) => rows[example].Response.InputIds.Length;

    public int StageOf(string parameter) => BackwardStage.Of(parameter, policy.Config.LayerCount);

    public BatchRows Build(int[] examples) => BatchBuilder.Responses(
        [.. examples.Select(i => rows[i].Response)], options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding,
            options.BalanceRealTokensOnly);

    public void BeginStep(int[] group)
    {
        if (!objective.HasBaseline)
            return;
        _baseline?.Dispose();
        _baseline = mismatched.Of(policy, reference, group).DetachFromDisposeScope();
    }

    public ForwardDemand ForwardsBefore(int[] group) => objective.HasBaseline ? mismatched.Demand(group) : ForwardDemand.None;

    public BatchRows BuildForward(int[] group, int pass) => mismatched.Build(group, pass);

    /// <summary>Lets go of the baseline.</summary>
    public void Dispose() => _baseline?.Dispose();

    public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor theirs = NetworkScorer.Sums(reference, batch, options.LogitsBudget); // (B)
        Tensor good = HostCopy.To(tensor(examples.Select(i => rows[i].IsGood ? 1.0 : 0).ToArray()), theirs.device); // (B)
        LayeredPass pass = new(policy, batch.InputIds, batch.Layout, batch.Mode, batch.TokenWeights, recompute: options.Checkpointing);
        HeadLoss loss = new(sums => objective.Losses(sums - theirs, good, _baseline).sum().Mul(scale), theirs, GradientDirection.Free);
        HeadGradient head = HeadPass.Gradient(policy, pass.Hidden, batch, options.LogitsBudget, loss);
        pass.Backward(head.Hidden, scale * examples.Length, stageFinished);
        return Metrics(head.Sums, theirs, good, pass.AuxiliaryLoss).MoveToOuterDisposeScope();
    }

    /// <summary>Rewards and log-probabilities of good and of bad answers are averaged by themselves; what was not there is left out.</summary>
    public IReadOnlyDictionary<string, double> Averages(ReadOnlySpan<double> sums, double weight)
    {
        OrderedDictionary<string, double> averages = [];
        double good = sums[Good], bad = weight - good;
        for (int i = 0; i < MetricNames.Count; i++)
        {
            double count = MetricNames[i] switch
            {
                Training.MetricNames.ChosenReward or Training.MetricNames.ChosenLogProb => good,
                Training.MetricNames.RejectedReward or Training.MetricNames.RejectedLogProb => bad,
                _ => weight,
            };
            if (count > 0)
                averages[MetricNames[i]] = sums[i] / count;
        }
        if (good > 0 && bad > 0)
            averages[Training.MetricNames.Margin] = averages[Training.MetricNames.ChosenReward] - averages[Training.MetricNames.RejectedReward];
        return averages;
    }

    public string Describe(int example) => rows[example].Line > 0 ? $"line {rows[example].Line}" : $"answer {example}";

    private Tensor Metrics(Tensor ours, Tensor theirs, Tensor good, Tensor? auxiliary)
    {
        Tensor ratios = ours.detach() - theirs, rewards = ratios.Mul(objective.Beta), bad = good.Mul(-1.0).Add(1); // (B)
        Tensor losses = objective.Losses(ratios, good, _baseline); // (B)
        long B = good.numel();
        Tensor weightedAuxiliary = auxiliary is null ? zeros_like(losses[0]) : auxiliary.Mul(B).to(ScalarType.Float64);
        Tensor accurate = RewardAccuracy.Of((good - bad) * rewards, zeros_like(rewards)); // (B)
        Tensor[] sums =
        [
            losses.sum().Add(weightedAuxiliary), weightedAuxiliary, (rewards * good).sum(), (rewards * bad).sum(), accurate.sum(), (ours * good).sum(),
            (ours * bad).sum(), good.sum(), .. objective.HasBaseline ? [_baseline!.Mul(B)] : Array.Empty<Tensor>(),
        ];
        return stack(sums); // (K)
    }
}
