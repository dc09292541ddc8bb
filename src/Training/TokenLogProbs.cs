using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>The log-probability of each label: log-softmax over the vocabulary, gathered at the label.</summary>
internal static class TokenLogProbs
{
    /// <summary>Log-probabilities in nats, computed in fp32.</summary>
    /// <param name="logits">(M, V), any floating type.</param>
    /// <param name="labels">(M), int64.</param>
    /// <returns>(M), fp32.</returns>
    public static Tensor Of(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.cross_entropy(logits.to(ScalarType.Float32), labels, reduction: nn.Reduction.None).neg().MoveToOuterDisposeScope(); // (M)
    }
}
