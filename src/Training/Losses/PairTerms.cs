using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>The sums of a batch as a loss takes them, and those of each pair as a row of numbers that can be kept.</summary>
/// <remarks>
/// Of S = 2 * B sequences, chosen over rejected, there are sums of log-probabilities, (S), or, where the loss wants tails, those of heads over those of tails,
/// (2 * S), and where it wants collisions, (S) of them behind the policy's. A row has a pair's two sides of each of these, then the reference's, then the
/// numbers of labels.
/// </remarks>
internal static class PairTerms
{
    /// <summary>In how many parts the labels of a sequence are summed.</summary>
    public static int Parts(TokenStatistics statistics) => statistics.HasFlag(TokenStatistics.Tails) ? 2 : 1;

    /// <summary>How many numbers a row has.</summary>
    public static int Width(TokenStatistics statistics) => 2 * (3 * Parts(statistics) + Collisions(statistics));

    /// <summary>Log-probabilities as the options say: sums or means over the labels that count.</summary>
    /// <param name="sums">(S), nats.</param>
    /// <param name="labels">How many labels count, (S), fp32.</param>
    /// <param name="reduction">Mean or sum.</param>
    /// <returns>(S), nats.</returns>
    public static Tensor Reduce(Tensor sums, Tensor labels, LogProbReduction reduction) =>
        reduction == LogProbReduction.Mean ? sums / labels : sums.alias(); // (S)

    /// <summary>What a loss sees of the sums.</summary>
    /// <param name="policy">The policy's, with collisions behind them where those are wanted, fp64.</param>
    /// <param name="reference">The reference's, fp64; zero where there is none.</param>
    /// <param name="labels">How many labels each sum has, fp32.</param>
    /// <param name="statistics">What is in them.</param>
    /// <param name="reduction">Mean or sum.</param>
    public static PairLogProbs Of(Tensor policy, Tensor reference, Tensor labels, TokenStatistics statistics, LogProbReduction reduction)
    {
        long S = labels.shape[0] / Parts(statistics), summed = labels.shape[0];
        Tensor? collisions = Collisions(statistics) == 0 ? null : policy.narrow(0, summed, S); // (S)
        Tensor sums = collisions is null ? policy : policy.narrow(0, 0, summed);
        PairTails? tails = summed == S ? null : new PairTails(sums.narrow(0, S, S), reference.narrow(0, S, S)); // (S)
        (Tensor ours, Tensor theirs, Tensor counts) = (Whole(sums, S), Whole(reference, S), Whole(labels, S)); // (S)
        return new PairLogProbs(Reduce(ours, counts, reduction), Reduce(theirs, counts, reduction), counts) { Tails = tails, Collisions = collisions };
    }

    /// <summary>The same of rows that <see cref="Rows"/> gave, of any batches together.</summary>
    public static PairLogProbs Of(IReadOnlyList<double[]> rows, TokenStatistics statistics, LogProbReduction reduction)
    {
        int parts = Parts(statistics), policy = 2 * (parts + Collisions(statistics));
        Tensor Column(int first, int count) =>
            tensor(Enumerable.Range(first, count).SelectMany(column => rows.Select(row => row[column])).ToArray()); // (count * B)
        return Of(Column(0, policy), Column(policy, 2 * parts), Column(policy + 2 * parts, 2 * parts).to(ScalarType.Float32), statistics, reduction);
    }

    /// <summary>A row of numbers for each pair.</summary>
    /// <param name="policy">As for <see cref="Of(Tensor, Tensor, Tensor, TokenStatistics, LogProbReduction)"/>, on the host.</param>
    /// <param name="reference">The same.</param>
    /// <param name="labels">The same.</param>
    /// <param name="pairs">How many pairs there are.</param>
    public static double[][] Rows(IReadOnlyList<double> policy, IReadOnlyList<double> reference, IReadOnlyList<float> labels, int pairs)
    {
        IEnumerable<T> Sides<T>(IReadOnlyList<T> values, int pair) => Enumerable.Range(0, values.Count / pairs).Select(side => values[side * pairs + pair]);
        return [.. Enumerable.Range(0, pairs).Select(i =>
            (double[])[.. Sides(policy, i), .. Sides(reference, i), .. Sides(labels, i).Select(count => (double)count)])];
    }

    private static int Collisions(TokenStatistics statistics) => statistics.HasFlag(TokenStatistics.Collisions) ? 1 : 0;

    private static Tensor Whole(Tensor sums, long sequences) =>
        sums.shape[0] == sequences ? sums : sums.narrow(0, 0, sequences).Add(sums.narrow(0, sequences, sequences)); // (S)
}
