using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>Supervised fine-tuning: next-token loss on the assistant's tokens, averaged over the tokens of a step, each as its conversation weighs.</summary>
internal sealed class SupervisedTask(MiniMindNetwork network, IReadOnlyList<Response> responses, IReadOnlyList<long> lines, BatchOptions options)
    : ITrainingTask
{
    private readonly bool _isWeighted = PairWeights.AreGiven(responses);

    public int Count => responses.Count;

    public IReadOnlyList<string> MetricNames { get; } = [Training.MetricNames.Loss, Training.MetricNames.AuxiliaryLoss];

    public double Weight(ReadOnlySpan<int> examples)
    {
        double tokens = 0;
        foreach (int example in examples)
            tokens += responses[example].Weight * responses[example].LossTokens;
        return tokens;
    }

    public long Rows(IReadOnlyList<int> examples) => ResponseRows.Of([.. examples.Select(i => responses[i])], options);

    public long Tokens(int example) => responses[example].InputIds.Length;

    public int StageOf(string parameter) => BackwardStage.Of(parameter, network.Config.LayerCount);

    public BatchRows Build(int[] examples)
    {
        Response[] batch = [.. examples.Select(i => responses[i])];
        BatchRows rows = BatchBuilder.Responses(
            batch, options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding, options.BalanceRealTokensOnly);
        if (_isWeighted && network.Config.Experts is not null)
            rows.TokenWeights = PairWeights.OfRows(rows, batch, options.Shape);
        return rows;
    }

    public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        double tokens = Weight(examples);
        Tensor? weights = _isWeighted ? HostCopy.To(tensor(Array.ConvertAll(examples, i => responses[i].Weight)), network.Device) : null; // (S)
        Tensor Sum(Tensor sums) => weights is null ? sums.sum() : (sums * weights).sum(); // (S) -> ()
        LayeredPass pass = new(network, batch.InputIds, batch.Layout, batch.Mode, batch.TokenWeights, recompute: options.Checkpointing);
        HeadGradient head = HeadPass.Gradient(network, pass.Hidden, batch, options.LogitsBudget,
            new HeadLoss(sums => Sum(sums).Mul(-scale), zeros(batch.SequenceCount, dtype: ScalarType.Float64, device: pass.Hidden.device),
                GradientDirection.Fixed));
        pass.Backward(head.Hidden, scale * tokens, stageFinished);
        Tensor loss = Sum(head.Sums).neg();
        Tensor weightedAuxiliary = pass.AuxiliaryLoss is { } auxiliary ? auxiliary.Mul(tokens).to(ScalarType.Float64) : zeros_like(loss);
        return stack([loss.Add(weightedAuxiliary), weightedAuxiliary]).MoveToOuterDisposeScope(); // (K)
    }

    public string Describe(int example) => lines[example] > 0 ? $"line {lines[example]}" : $"conversation {example}";
}
