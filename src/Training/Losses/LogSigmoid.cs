using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>Parts that many losses have.</summary>
internal static class LogSigmoid
{
    /// <summary>-(1 - e) log sigmoid(h) - e log sigmoid(-h), the cross-entropy of labels that are wrong in a share e of the cases.</summary>
    /// <param name="logits">h, (B).</param>
    /// <param name="smoothing">e.</param>
    /// <returns>(B), in the current scope.</returns>
    public static Tensor CrossEntropy(Tensor logits, double smoothing)
    {
        Tensor right = nn.functional.logsigmoid(logits); // (B)
        if (smoothing == 0)
            return right.neg(); // (B)
        Tensor wrong = nn.functional.logsigmoid(logits.neg()); // (B)
        return right.Mul(1 - smoothing).Add(wrong.Mul(smoothing)).neg(); // (B)
    }
}
