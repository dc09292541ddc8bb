using System.Globalization;
using System.Text;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A weighted sum of losses, which share beta and reduction.</summary>
internal sealed record MixLoss : PreferenceLoss
{
    private readonly MixPart[] _active;

    /// <summary>Makes the loss.</summary>
    /// <exception cref="ArgumentException">No part counts, a weight is not valid, or no reduction suits all parts.</exception>
    public MixLoss(IReadOnlyList<MixPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Any(part => part?.Loss is null))
            throw new ArgumentException("A part of the mixture has no loss.", nameof(parts));
        if (parts.FirstOrDefault(part => !(part.Weight >= 0 && double.IsFinite(part.Weight))) is { } invalid)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The weight of {invalid.Loss.Name} is {invalid.Weight}; it must be at least 0 and finite."), nameof(parts));
        }

        Parts = [.. parts];
        _active = [.. parts.Where(part => part.Weight > 0)];
        if (_active.Length == 0)
            throw new ArgumentException("A mixture needs a part with a weight above 0.", nameof(parts));
        if (!Enum.GetValues<LogProbReduction>().Any(Takes))
            throw new ArgumentException($"No reduction of log-probabilities suits all parts: {string.Join("; ", _active.Select(Reductions))}.", nameof(parts));
    }

    /// <summary>The losses with their weights.</summary>
    public IReadOnlyList<MixPart> Parts { get; }

    /// <inheritdoc />
    internal override double? DefaultBeta => _active.Select(part => part.Loss.DefaultBeta).FirstOrDefault(beta => beta is not null);

    /// <inheritdoc />
    internal override LogProbReduction DefaultReduction =>
        _active.Where(part => part.Loss.DefaultBeta is not null).Concat(_active).Select(part => part.Loss.DefaultReduction)
            .Concat(Enum.GetValues<LogProbReduction>()).First(Takes); // that of the beta, where the others take it

    /// <inheritdoc />
    internal override GradientDirection Direction =>
        _active.Length == 1 ? _active[0].Loss.Direction
        : _active.Any(part => part.Loss.Direction == GradientDirection.Coupled) ? GradientDirection.Coupled
        : GradientDirection.Free;

    /// <inheritdoc />
    internal override bool UsesReference => _active.Any(part => part.Loss.UsesReference);

    /// <inheritdoc />
    internal override bool NeedsReference => _active.Any(part => part.Loss.NeedsReference);

    /// <inheritdoc />
    internal override TokenStatistics Statistics => _active.Aggregate(TokenStatistics.None, (all, part) => all | part.Loss.Statistics);

    /// <inheritdoc />
    internal override string Unit => string.Join(" + ", _active.Select(part => part.Loss.Unit).Distinct());

    /// <inheritdoc />
    internal override string FarMargin => _active[0].Loss.FarMargin;

    /// <inheritdoc />
    internal override string ChosenRemedy => _active.FirstOrDefault(part => part.Loss is NegativeLogLikelihoodLoss) is { } supervised
        ? string.Create(CultureInfo.InvariantCulture, $"give the mixture's supervised term a weight above {supervised.Weight}")
        : base.ChosenRemedy;

    /// <inheritdoc />
    internal override IReadOnlyList<MixPart> MeasuredParts => _active.Length > 1 ? _active : [];

    /// <inheritdoc />
    internal override bool Takes(LogProbReduction reduction) => _active.All(part => part.Loss.Takes(reduction));

    /// <inheritdoc />
    internal override string Formula(bool withReference) =>
        string.Join(" + ", _active.Select(part =>
            string.Create(CultureInfo.InvariantCulture, $"{part.Weight} * [{part.Loss.Formula(withReference && part.Loss.UsesReference)}]")));

    /// <inheritdoc />
    internal override IEnumerable<string> Warnings(LossTerms terms) => _active.SelectMany(part => part.Loss.Warnings(terms)).Distinct();

    /// <inheritdoc />
    internal override LossStart? Start(LossTerms terms)
    {
        (double Weight, LossStart? Start)[] starts = [.. _active.Select(part => (part.Weight, part.Loss.Start(terms)))];
        if (starts.Any(part => part.Start is null))
            return null;
        return new(
            starts.Sum(part => part.Weight * part.Start!.Value.Value),
            string.Join(" + ", starts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Weight} * ({part.Start!.Value.Name})"))));
    }

    /// <inheritdoc />
    internal override Tensor Losses(PairLogProbs pairs, LossTerms terms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? sum = null;
        foreach ((double weight, PreferenceLoss loss) in _active)
        {
            Tensor weighed = loss.Losses(pairs, terms).Mul(weight); // (B)
            sum = sum is null ? weighed : sum.Add(weighed); // (B)
        }
        return sum!.MoveToOuterDisposeScope(); // (B)
    }

    /// <inheritdoc />
    internal override double Probability(double margin) => _active[0].Loss.Probability(margin);

    /// <inheritdoc />
    internal override double Probability(double chosenReward, double rejectedReward, LossTerms terms) =>
        _active[0].Loss.Probability(chosenReward, rejectedReward, terms);

    /// <inheritdoc />
    internal override double OfScores(ScoredPair scores, LossTerms terms) => _active.Sum(part => part.Weight * part.Loss.OfScores(scores, terms));

    /// <summary>Whether both have the same parts in the same order.</summary>
    public bool Equals(MixLoss? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc />
    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);

    /// <inheritdoc />
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.AppendJoin(" + ", Parts.Select(part => $"{part.Weight} * {part.Loss}"));
        return true;
    }

    private static string Reductions(MixPart part) =>
        $"{part.Loss.Name} takes {string.Join(" and ", Enum.GetValues<LogProbReduction>().Where(part.Loss.Takes))}";
}
