using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>Masked sums of the labels' log-probabilities, one per sequence: the only place where the mask is applied.</summary>
/// <remarks>
/// Sums are in double precision and stay so up to the loss and the rewards: thousands of tokens add up to tens of thousands of nats, of which fp32 resolves no
/// more than thousandths, and it is small differences of such sums that the loss is about.
/// </remarks>
internal static class SequenceLogProbs
{
    /// <summary>Sums per sequence, or per head and tail of it where the batch has those.</summary>
    /// <param name="tokenLogProbs">(M), fp32, nats; the batch's labels or a slice of them.</param>
    /// <param name="batch">Says which sequence a label belongs to and whether it counts.</param>
    /// <param name="start">Index of the first label of the slice.</param>
    /// <returns>(S), fp64, nats; zero for sequences without a label in the slice.</returns>
    public static Tensor Sums(Tensor tokenLogProbs, DeviceBatch batch, long start = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = tokenLogProbs.shape[0];
        Tensor counted = batch.Weights is null ? tokenLogProbs : tokenLogProbs * batch.Weights.narrow(0, start, count); // (M)
        // each label into a place of its own, and then row by row: adding to the sequences at once would add in another order each time on a GPU
        Tensor table = zeros(batch.SumCount * batch.MostLabels, dtype: ScalarType.Float64, device: counted.device)
            .index_copy_(0, batch.Places.narrow(0, start, count), counted.to(ScalarType.Float64)); // (S * columns)
        return table.view(batch.SumCount, batch.MostLabels).sum(1).MoveToOuterDisposeScope(); // (S)
    }

    /// <summary>Sums become per-token means where the reduction says so.</summary>
    /// <param name="sums">(S), nats.</param>
    /// <param name="batch">Says how many labels of each sequence count.</param>
    /// <param name="reduction">Mean or sum.</param>
    /// <returns>(S), nats.</returns>
    public static Tensor Reduce(Tensor sums, DeviceBatch batch, LogProbReduction reduction) =>
        PairTerms.Reduce(sums, batch.LossTokens, reduction); // (S)
}
