using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>Supervised fine-tuning: next-token loss on the assistant's tokens, averaged over the tokens of a step.</summary>
internal sealed class SupervisedTask(MiniMindNetwork network, IReadOnlyList<Response> responses, IReadOnlyList<long> lines, BatchOptions options)
    : ITrainingTask
{
    public int Count => responses.Count;

    public IReadOnlyList<string> MetricNames { get; } = [Training.MetricNames.Loss, Training.MetricNames.AuxiliaryLoss];

    public double Weight(ReadOnlySpan<int> examples)
    {
        double tokens = 0;
        foreach (int example in examples)
            tokens += responses[example].LossTokens;
        return tokens;
    }

    public long Rows(IReadOnlyList<int> examples) => options.Shape switch
    {
        BatchShape.PaddedToMaximum => (long)examples.Count * options.MaximumLength,
        BatchShape.PaddedToLongest => (long)examples.Count * examples.Max(i => responses[i].InputIds.Length),
        _ => examples.Sum(i => (long)responses[i].NeededLength),
    };

    public long Tokens(int example) => responses[example].InputIds.Length;

    public int StageOf(string parameter) => BackwardStage.Of(parameter, network.Config.LayerCount);

    public BatchRows Build(int[] examples) => BatchBuilder.Responses(
        [.. examples.Select(i => responses[i])], options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding,
            options.BalanceRealTokensOnly);

    public Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null)
    {
        using DisposeScope scope = NewDisposeScope();
        double tokens = Weight(examples);
        LayeredPass pass = new(network, batch.InputIds, batch.Layout, batch.Mode, batch.TokenWeights, recompute: options.Checkpointing);
        HeadGradient head = HeadPass.Gradient(network, pass.Hidden, batch, options.LogitsBudget,
            new HeadLoss(sums => sums.sum().Mul(-scale), zeros(batch.SequenceCount, dtype: ScalarType.Float64, device: pass.Hidden.device),
                GradientDirection.Fixed));
        pass.Backward(head.Hidden, scale * tokens, stageFinished);
        Tensor loss = head.Sums.sum().neg();
        Tensor weightedAuxiliary = pass.AuxiliaryLoss is { } auxiliary ? auxiliary.Mul(tokens).to(ScalarType.Float64) : zeros_like(loss);
        return stack([loss.Add(weightedAuxiliary), weightedAuxiliary]).MoveToOuterDisposeScope(); // (K)
    }

    public string Describe(int example) => lines[example] > 0 ? $"line {lines[example]}" : $"conversation {example}";
}
