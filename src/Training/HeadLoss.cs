using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>A loss as a function of the sequences' summed log-probabilities.</summary>
/// <remarks>
/// It is a sum over groups (pairs, or single responses), and within a group its gradient always has the same direction: only the length depends on the sums.
/// That holds for every loss of the difference of two sums, DPO's among them.
/// </remarks>
/// <param name="Of">From sums, (S), fp64, to the scalar.</param>
/// <param name="Near">Sums at which the gradient is not zero, (S), fp64.</param>
internal sealed record HeadLoss(Func<Tensor, Tensor> Of, Tensor Near)
{
    /// <summary>The gradient at the given sums, (S).</summary>
    public Tensor GradientAt(Tensor sums)
    {
        Tensor point = sums.detach().requires_grad_();
        Of(point).backward();
        return point.grad!; // (S)
    }
}
