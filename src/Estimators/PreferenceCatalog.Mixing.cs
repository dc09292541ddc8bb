using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Mixing;

namespace Microsoft.ML;

/// <content>The verbs that make one data set of several.</content>
public sealed partial class PreferenceCatalog
{
    private const double SumTolerance = 1e-6; // of three probabilities of 0.333333

    /// <summary>Puts data sets one behind the other.</summary>
    /// <param name="sets">The data sets, at least one, with the same columns; those without a <c>Weight</c> get 1 where others have one.</param>
    /// <returns>A lazy view with all rows, in the given order.</returns>
    /// <exception cref="ArgumentException">There is no data set, or their columns differ; the message says which.</exception>
    public IDataView Concatenate(params IReadOnlyList<IDataView> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        if (sets.Count == 0 || sets.Contains(null!))
            throw new ArgumentException("The list of data sets is empty, or one of them is null.", nameof(sets));
        return new MixedDataView([.. sets], null);
    }

    /// <summary>Mixes data sets: each row is drawn from one of them by chance.</summary>
    /// <param name="sets">
    /// The probability of drawing from each data set, and the set, as <c>[(0.7, first), (0.3, second)]</c>. Probabilities are above 0 and add up to 1. The sets
    /// have the same columns; those without a <c>Weight</c> get 1 where others have one.
    /// </param>
    /// <param name="until">When the mixture ends.</param>
    /// <param name="seed">Draws anew; by default the seed of the <see cref="MLContext"/>, or else 0.</param>
    /// <returns>A lazy view that draws the same rows in the same order whenever it is read, in constant memory.</returns>
    /// <remarks>
    /// <para>The draws depend on the seed and their number only. So a run that is resumed has the rows of its first part again, and goes on with the
    /// same.</para>
    /// <para>Within a set rows keep their order: a set that is sorted is to be shuffled before, or by the trainer. Line numbers are those of each set's
    /// file; <c>FileColumnName</c> of the file's options tells the files apart.</para>
    /// <para>Split off test pairs before mixing: with <see cref="MixUntil.LastEnds"/> rows come more than once.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">A probability is not above 0, they do not add up to 1, or the columns differ; the message says which.</exception>
    public IDataView Mix(IReadOnlyList<(double Probability, IDataView Data)> sets, MixUntil until = MixUntil.FirstEnds, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(sets);
        if (sets.Count == 0 || sets.Any(set => set.Data is null))
        {
            throw new ArgumentException("The list of data sets is empty, or one of them is "
            + "null.", nameof(sets));
        }

        if (!Enum.IsDefined(until))
        {
            throw new ArgumentException($"The mixture is to end at {(int)until}; it can "
            + $"be {string.Join(", ", Enum.GetNames<MixUntil>())}.", nameof(until));
        }

        foreach ((int number, (double probability, _)) in sets.Index())
        {
            if (!(probability > 0))
            {
                throw new ArgumentException(
                FormattableString.Invariant($"The probability of data set {number + 1} is {probability}; it must be above 0, or the set be left out."),
                nameof(sets));
            }
        }
        double sum = sets.Sum(set => set.Probability);
        if (!(Math.Abs(sum - 1) <= SumTolerance))
        {
            throw new ArgumentException(
            FormattableString.Invariant($"The probabilities of the data sets add up to {sum}; they must add up to 1."), nameof(sets));
        }

        return new MixedDataView([.. sets.Select(set => set.Data)],
            new MixRule([.. sets.Select(set => set.Probability / sum)], until, CatalogSeed.Of(Environment, seed)));
    }
}
