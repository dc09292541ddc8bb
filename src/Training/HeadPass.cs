using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>From hidden states to per-sequence log-probabilities, and back, with logits of at most a given size.</summary>
/// <remarks>
/// Where all logits fit the budget, the backward pass uses those of the forward pass. Otherwise logits are made in slices of labels,
/// thrown away, and made again in the backward pass: memory grows with the slice, at the price of one more product with the head's matrix.
/// Its tensors live in the dispose scope in which it is made.
/// </remarks>
internal sealed class HeadPass
{
    private readonly MiniMindNetwork _network;
    private readonly DeviceBatch _batch;
    private readonly Tensor _hidden;
    private readonly long _slice;

    /// <summary>Runs the head forward.</summary>
    /// <param name="network">Whose head.</param>
    /// <param name="hidden">(N, hidden), cut off from the graph.</param>
    /// <param name="batch">Which rows predict which labels.</param>
    /// <param name="logitsBudget">The most elements that the logits of a slice may have.</param>
    /// <param name="training">Whether <see cref="Backward"/> will be called.</param>
    public HeadPass(MiniMindNetwork network, Tensor hidden, DeviceBatch batch, long logitsBudget, bool training)
    {
        (_network, _batch) = (network, batch);
        long labels = batch.Labels.shape[0];
        long fitting = Math.Max(1, logitsBudget / network.Config.VocabularySize);
        _slice = labels <= fitting ? labels : (labels + (labels + fitting - 1) / fitting - 1) / ((labels + fitting - 1) / fitting);
        _hidden = training ? hidden.detach().requires_grad_() : hidden;
        if (_slice == labels)
        {
            Sums = SliceSums(0, labels);
            return;
        }
        using IDisposable noGradient = no_grad();
        Tensor sums = zeros(batch.SequenceCount, device: hidden.device); // (S)
        for (long start = 0; start < labels; start += _slice)
        {
            using DisposeScope scope = NewDisposeScope();
            sums.add_(SliceSums(start, Math.Min(_slice, labels - start)));
        }
        Sums = training ? sums.requires_grad_() : sums;
    }

    /// <summary>Log-probability of each sequence's counted labels, summed, (S), fp32, nats.</summary>
    public Tensor Sums { get; }

    /// <summary>Backpropagates a scalar computed from <see cref="Sums"/>: adds to the head's gradient and gives that of the hidden states.</summary>
    /// <returns>(N, hidden), in the caller's scope.</returns>
    public Tensor Backward(Tensor loss)
    {
        loss.backward();
        long labels = _batch.Labels.shape[0];
        if (_slice < labels)
        {
            using Tensor sumsGradient = Sums.grad!; // (S)
            for (long start = 0; start < labels; start += _slice)
            {
                using DisposeScope scope = NewDisposeScope();
                SliceSums(start, Math.Min(_slice, labels - start)).backward([sumsGradient]);
            }
        }
        return _hidden.grad!; // (N, hidden)
    }

    private Tensor SliceSums(long start, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = _hidden.index_select(0, _batch.Rows.narrow(0, start, count)); // (m, hidden)
        Tensor logProbs = TokenLogProbs.Of(_network.Logits(rows), _batch.Labels.narrow(0, start, count)); // (m)
        return SequenceLogProbs.Sums(logProbs, _batch, start).MoveToOuterDisposeScope(); // (S)
    }
}
