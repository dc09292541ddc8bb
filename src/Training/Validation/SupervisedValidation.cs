using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Measures a network's next-token loss on held-out conversations.</summary>
/// <param name="network">What is measured.</param>
/// <param name="responses">The conversations, at least one; each has a counted token.</param>
/// <param name="groups">Forward passes that cover every conversation once.</param>
/// <param name="computeType">The element type of matrix products, training's.</param>
/// <param name="logitsBudget">The most elements that logits may have at once.</param>
internal sealed class SupervisedValidation(
    MiniMindNetwork network, IReadOnlyList<Response> responses, IReadOnlyList<int[]> groups, ScalarType computeType, long logitsBudget) : IValidation
{
    /// <inheritdoc />
    public int Count => responses.Count;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, double>? Measure(CancellationToken cancellation)
    {
        double sum = 0, tokens = 0;
        foreach (int[] group in groups)
        {
            if (cancellation.IsCancellationRequested) return null;
            using DisposeScope scope = NewDisposeScope();
            BatchRows rows = BatchBuilder.Responses([.. group.Select(i => responses[i])], BatchShape.Packed, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false);
            Tensor sums = NetworkScorer.Sums(network, new DeviceBatch(rows, computeType, network.Device), logitsBudget); // (S)
            sum += sums.to(ScalarType.Float64).sum().item<double>();
            tokens += rows.LossTokens.Sum(t => (double)t);
        }
        double loss = -sum / tokens;
        return new Dictionary<string, double> { [MetricNames.Loss] = loss, [MetricNames.Perplexity] = Math.Exp(loss) };
    }
}
