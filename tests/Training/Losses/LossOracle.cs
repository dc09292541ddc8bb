using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>A loss and its derivatives of one pair, by what the policy's summed log-probabilities are above the reference's.</summary>
/// <remarks>Values in the tests come from scalar code in doubles, written from the papers' formulas, and central differences with steps of 1e-5.</remarks>
internal static class LossOracle
{
    public const double Tolerance = 1e-6;

    /// <summary>What part of the rejected side's sum is of its tail.</summary>
    public const double TailShare = 3 / 8.0;

    /// <summary>By how much a label's collision lies above its log-probability, nats.</summary>
    public const double Collision = 0.2;

    /// <summary>Evaluates a loss of a pair of 5 and 8 labels to which the reference gives -12 and -14 nats.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="reduction">What the log-probabilities are reduced to; derivatives are by the sums.</param>
    /// <param name="a">The chosen side's excess, nats.</param>
    /// <param name="b">The rejected side's.</param>
    /// <param name="beta">Its beta.</param>
    /// <param name="type">The element type of the log-probabilities.</param>
    public static (double Loss, double ByChosen, double ByRejected) Of(
        PreferenceLoss loss, LogProbReduction reduction, double a, double b, double beta = 0.1, ScalarType type = ScalarType.Float64)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor([5f, 8f]), reference = tensor([-12.0, -14.0]).to(type), sums = tensor([-12 + a, -14 + b]).to(type).requires_grad_(); // (2)
        Tensor losses = new PreferenceObjective(loss, beta, reduction).Losses(Pairs(sums, reference, labels, reduction)); // (1)
        losses.sum().backward();
        double[] gradient = [.. sums.grad!.to(ScalarType.Float64).data<double>()];
        return (losses.to(ScalarType.Float64).item<double>(), gradient[0], gradient[1]);
    }

    /// <summary>A pair with all that a loss may ask for: the rejected side's 3 labels beyond the chosen one's 5 have their share of the sum, and the sums of
    /// collisions are the policy's own plus a fifth of a nat a label.</summary>
    public static PairLogProbs Pairs(Tensor sums, Tensor reference, Tensor labels, LogProbReduction reduction)
    {
        Tensor Reduced(Tensor values) => reduction == LogProbReduction.Mean ? values / labels : values;
        Tensor tail = tensor([0.0, TailShare]).to(sums.dtype); // (2)
        return new PairLogProbs(Reduced(sums), Reduced(reference), labels)
        {
            Tails = new PairTails(sums * tail, reference * tail), Collisions = (sums + labels * Collision).detach(),
        };
    }

    /// <summary>Compares with the three numbers.</summary>
    public static void ShouldBe(
        this (double Loss, double ByChosen, double ByRejected) actual, double loss, double byChosen, double byRejected, double tolerance = Tolerance)
    {
        actual.Loss.Should().BeApproximately(loss, tolerance);
        actual.ByChosen.Should().BeApproximately(byChosen, tolerance);
        actual.ByRejected.Should().BeApproximately(byRejected, tolerance);
    }
}
