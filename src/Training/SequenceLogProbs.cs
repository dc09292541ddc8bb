using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Masked sums of the labels' log-probabilities, one per sequence: the only place where the mask is applied.</summary>
internal static class SequenceLogProbs
{
    /// <summary>Sums per sequence.</summary>
    /// <param name="tokenLogProbs">(M), fp32, nats; the batch's labels or a slice of them.</param>
    /// <param name="batch">Says which sequence a label belongs to and whether it counts.</param>
    /// <param name="start">Index of the first label of the slice.</param>
    /// <returns>(S), fp32, nats.</returns>
    public static Tensor Sums(Tensor tokenLogProbs, DeviceBatch batch, long start = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = tokenLogProbs.shape[0];
        Tensor counted = batch.Weights is null ? tokenLogProbs : tokenLogProbs * batch.Weights.narrow(0, start, count); // (M)
        return zeros(batch.SequenceCount, device: counted.device)
            .IndexAdd(0, batch.SequenceOf.narrow(0, start, count), counted).MoveToOuterDisposeScope(); // (S)
    }

    /// <summary>Sums become per-token means where the reduction says so.</summary>
    /// <param name="sums">(S), nats.</param>
    /// <param name="batch">Says how many labels of each sequence count.</param>
    /// <param name="reduction">Mean or sum.</param>
    /// <returns>(S), nats.</returns>
    public static Tensor Reduce(Tensor sums, DeviceBatch batch, LogProbReduction reduction) =>
        reduction == LogProbReduction.Mean ? sums / batch.LossTokens : sums.alias(); // (S)
}
