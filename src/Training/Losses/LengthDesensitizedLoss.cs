using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>
/// Another loss, of log-probabilities in which the labels of a side behind as many as the shorter side has weigh alpha: LD-DPO, Liu et al. 2024
/// (arXiv 2409.06411), for policy and reference alike.
/// </summary>
internal sealed record LengthDesensitizedLoss : WrappedLoss
{
    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Alpha is not within 0 and 1.</exception>
    /// <exception cref="ArgumentException">The other loss is one of means, or weighs tokens itself.</exception>
    public LengthDesensitizedLoss(double alpha, PreferenceLoss loss) : base(loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (alpha is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Alpha must be within 0, at which tails do not count, and 1.");
        if (!loss.Takes(LogProbReduction.Sum))
        {
            throw new ArgumentException($"Loss {loss.Name} is of means per token, which long responses do not outweigh; it takes no weights of tails.",
                nameof(loss));
        }

        if (loss.Statistics != TokenStatistics.None)
            throw new ArgumentException($"Loss {loss.Name} looks at tokens itself; wrap the other way round.", nameof(loss));
        Alpha = alpha;
    }

    /// <summary>What a label of the tail weighs.</summary>
    public double Alpha { get; }

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction => LogProbReduction.Sum;

    /// <inheritdoc />
    internal override double? DefaultBeta => Loss is SigmoidLoss ? 0.1 : Loss.DefaultBeta;

    /// <inheritdoc />
    internal override TokenStatistics Statistics => TokenStatistics.Tails;

    /// <inheritdoc />
    internal override bool Takes(LogProbReduction reduction) => reduction == LogProbReduction.Sum;

    /// <inheritdoc />
    internal override string Formula(bool withReference) => string.Create(CultureInfo.InvariantCulture,
        $"{Loss.Formula(withReference)}; tokens behind as many as the shorter side has weigh {Alpha} in each log-probability: " +
        $"LD-DPO, Liu et al. 2024 (arXiv 2409.06411)");

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms) => Loss.Start(terms);

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        PairTails tails = pairs.Tails ?? throw new InvalidOperationException("The sums of the tails are not there.");
        Tensor ours = pairs.Policy - tails.Policy.Mul(1 - Alpha), theirs = pairs.Reference - tails.Reference.Mul(1 - Alpha); // (2 * B)
        PairLogProbs weighed = pairs with { Policy = ours, Reference = theirs };
        return Loss.Losses(weighed, terms).MoveToOuterDisposeScope(); // (B)
    }
}
