using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>Counts what a way computes, padding and labels that do not count included.</summary>
internal static class LeverArithmetic
{
    /// <summary>One forward pass over a batch.</summary>
    /// <param name="arithmetic">Of the model.</param>
    /// <param name="lever">The way.</param>
    /// <param name="pairs">The batch's pairs.</param>
    /// <param name="maximumLength">Rows of a side that is padded to the maximum.</param>
    public static double Of(Arithmetic arithmetic, Lever lever, IReadOnlyList<PreferenceExample> pairs, int maximumLength)
    {
        IEnumerable<Response> sides = pairs.SelectMany(pair => new[] { pair.Chosen, pair.Rejected });
        if (lever.Shape is BatchShape.PaddedToMaximum or BatchShape.PaddedToLongest)
        {
            int length = lever.Shape == BatchShape.PaddedToMaximum ? maximumLength : sides.Max(side => side.InputIds.Length);
            return sides.Sum(side => arithmetic.Sequence(length, lever.HeadOnResponseOnly ? side.LossTokens : length));
        }
        double needed = pairs.Sum(lever.Shape == BatchShape.Packed ? arithmetic.UnsharedPair : arithmetic.NeededPair);
        return lever.HeadOnResponseOnly ? needed : needed + sides.Sum(side => (side.InputIds.Length - side.LossTokens) * arithmetic.PerLabel);
    }
}
