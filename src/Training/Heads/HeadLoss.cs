using MiniMind.MLNet.Dpo.Training.Losses;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>A loss as a function of the sequences' summed log-probabilities.</summary>
/// <remarks>
/// Unless its gradient is coupled, it is a sum over groups (pairs, or single responses). Where the gradient of a group has a fixed direction, a group that is
/// run in parts needs one pass over them; else the sums must be known before the first part runs backward.
/// </remarks>
/// <param name="Of">From sums, (S), fp64, to the scalar.</param>
/// <param name="Near">Sums at which the gradient is not zero, (S), fp64; read where its direction is fixed.</param>
/// <param name="Direction">What its gradient depends on.</param>
/// <param name="Collisions">Whether the sums of <see cref="TokenStatistics.Collisions"/>, (S), stand behind the others; then the direction is not
/// fixed.</param>
internal sealed record HeadLoss(Func<Tensor, Tensor> Of, Tensor Near, GradientDirection Direction, bool Collisions = false)
{
    /// <summary>The gradient at the given sums, (S).</summary>
    public Tensor GradientAt(Tensor sums)
    {
        Tensor point = sums.detach().requires_grad_();
        Of(point).backward();
        return point.grad!; // (S)
    }
}
