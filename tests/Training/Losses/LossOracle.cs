using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>A loss and its derivatives of one pair, by what the policy's summed log-probabilities are above the reference's.</summary>
/// <remarks>Values in the tests come from scalar code in doubles, written from the papers' formulas, and central differences with steps of 1e-5.</remarks>
internal static class LossOracle
{
    public const double Tolerance = 1e-6;

    /// <summary>Evaluates a loss of a pair of 5 and 8 labels to which the reference gives -12 and -14 nats.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="reduction">What the log-probabilities are reduced to; derivatives are by the sums.</param>
    /// <param name="a">The chosen side's excess, nats.</param>
    /// <param name="b">The rejected side's.</param>
    /// <param name="beta">Its beta.</param>
    public static (double Loss, double ByChosen, double ByRejected) Of(PreferenceLoss loss, LogProbReduction reduction, double a, double b, double beta = 0.1)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor([5f, 8f]), reference = tensor([-12.0, -14.0]), sums = tensor([-12 + a, -14 + b]).requires_grad_(); // (2)
        Tensor Reduced(Tensor values) => reduction == LogProbReduction.Mean ? values / labels : values;
        Tensor losses = new PreferenceObjective(loss, beta, reduction).Losses(new PairLogProbs(Reduced(sums), Reduced(reference), labels)); // (1)
        losses.sum().backward();
        double[] gradient = [.. sums.grad!.data<double>()];
        return (losses.item<double>(), gradient[0], gradient[1]);
    }

    /// <summary>Compares with the three numbers.</summary>
    public static void ShouldBe(this (double Loss, double ByChosen, double ByRejected) actual, double loss, double byChosen, double byRejected)
    {
        actual.Loss.Should().BeApproximately(loss, Tolerance);
        actual.ByChosen.Should().BeApproximately(byChosen, Tolerance);
        actual.ByRejected.Should().BeApproximately(byRejected, Tolerance);
    }
}
