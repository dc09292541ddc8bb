using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>How far the policy's next-token distributions are from the reference's.</summary>
/// <remarks>
/// At each given position the divergence KL(pi || ref) = sum over the vocabulary of pi * (log pi - log ref) is exact, so that no token need be sampled;
/// the mean over response positions estimates the policy's KL per token with contexts from the data instead of from the policy.
/// (The mean of log pi - log ref over the data's own tokens would be no estimate of it: those tokens are not the policy's, and it can be negative.)
/// </remarks>
internal static class NextTokenDivergence
{
    private const int CopiesOfLogits = 5; // both log-softmaxes, what they are made of, and the product

    /// <summary>Divergences of a batch's label positions, summed, in nats.</summary>
    /// <param name="policy">Whose head turns <paramref name="policyHidden"/> into logits.</param>
    /// <param name="policyHidden">(N, hidden).</param>
    /// <param name="reference">Whose head turns <paramref name="referenceHidden"/> into logits.</param>
    /// <param name="referenceHidden">(N, hidden).</param>
    /// <param name="rows">The rows at which a label counts, (M), int64.</param>
    /// <param name="logitsBudget">The most elements that all logits may have at once.</param>
    public static double Sum(MiniMindNetwork policy, Tensor policyHidden, MiniMindNetwork reference, Tensor referenceHidden, Tensor rows, long logitsBudget)
    {
        using IDisposable noGradient = no_grad();
        long positions = rows.shape[0], slice = Math.Max(1, logitsBudget / CopiesOfLogits / policy.Config.VocabularySize);
        double sum = 0;
        for (long start = 0; start < positions; start += slice)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor taken = rows.narrow(0, start, Math.Min(slice, positions - start)); // (m)
            Tensor ours = LogProbs(policy, policyHidden, taken), theirs = LogProbs(reference, referenceHidden, taken); // (m, V)
            sum += (ours.exp() * (ours - theirs)).sum(-1).to(ScalarType.Float64).sum().item<double>();
        }
        return sum;
    }

    private static Tensor LogProbs(MiniMindNetwork network, Tensor hidden, Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        return network.Logits(hidden.index_select(0, rows)).to(ScalarType.Float32).log_softmax(-1).MoveToOuterDisposeScope(); // (m, V)
    }
}
