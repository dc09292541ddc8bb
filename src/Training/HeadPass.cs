using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>From hidden states to per-sequence log-probabilities, and back, with logits of at most a given size.</summary>
/// <remarks>
/// Labels run slice by slice, each forward and backward at once, so that no logits are kept or made twice. For slices of whole groups that is plain, since the loss is a sum over groups.
/// Of a group too large for a slice, the parts are backpropagated with the gradient that the loss has elsewhere, which differs by a factor only (see <see cref="HeadLoss"/>);
/// the factor is known after the last part, and then applied to what they gave.
/// </remarks>
internal sealed class HeadPass
{
    private readonly MiniMindNetwork _network;
    private readonly DeviceBatch _batch;
    private readonly long _most;

    private HeadPass(MiniMindNetwork network, DeviceBatch batch, long logitsBudget) =>
        (_network, _batch, _most) = (network, batch, Math.Max(1, logitsBudget / network.Config.VocabularySize));

    /// <summary>Runs the head forward, without gradients.</summary>
    /// <param name="network">Whose head.</param>
    /// <param name="hidden">(N, hidden).</param>
    /// <param name="batch">Which rows predict which labels.</param>
    /// <param name="logitsBudget">The most elements that the logits of a slice may have.</param>
    /// <returns>(S), fp32, nats, in the caller's scope.</returns>
    public static Tensor Sums(MiniMindNetwork network, Tensor hidden, DeviceBatch batch, long logitsBudget)
    {
        using IDisposable noGradient = no_grad();
        HeadPass pass = new(network, batch, logitsBudget);
        long labels = batch.Labels.shape[0];
        Tensor sums = zeros(batch.SequenceCount, device: hidden.device); // (S)
        foreach (LabelSlice slice in LabelSlice.Of([labels], pass._most))
        {
            using DisposeScope scope = NewDisposeScope();
            sums.add_(pass.SliceSums(hidden, network.HeadWeight, slice));
        }
        return sums;
    }

    /// <summary>Runs the head forward and backward, and adds to its weight's gradient.</summary>
    /// <param name="network">Whose head.</param>
    /// <param name="hidden">(N, hidden), cut off from the graph.</param>
    /// <param name="batch">Which rows predict which labels.</param>
    /// <param name="logitsBudget">The most elements that the logits of a slice may have.</param>
    /// <param name="loss">What is made smaller.</param>
    /// <returns>Tensors in the caller's scope.</returns>
    public static HeadGradient Gradient(MiniMindNetwork network, Tensor hidden, DeviceBatch batch, long logitsBudget, HeadLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        HeadPass pass = new(network, batch, logitsBudget);
        Tensor sums = zeros(batch.SequenceCount, device: hidden.device); // (S)
        Tensor leaf = hidden.detach().requires_grad_(); // (N, hidden)
        Tensor gradient = zeros_like(leaf, requires_grad: false); // (N, hidden), of groups in parts
        LabelSlice[] slices = [.. LabelSlice.Of(batch.GroupLabels, pass._most)];
        foreach (LabelSlice slice in slices.Where(slice => slice.Group < 0))
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor own = pass.SliceSums(leaf, network.HeadWeight, slice); // (S), zero for other slices' sequences
            loss.Of(own).backward();
            sums.add_(own.detach());
        }
        foreach (IGrouping<int, LabelSlice> parts in slices.Where(slice => slice.Group >= 0).GroupBy(slice => slice.Group))
        {
            using DisposeScope inner = NewDisposeScope();
            pass.AddGroup(parts, hidden, loss, sums, gradient);
        }
        using Tensor? whole = leaf.grad;
        if (whole is not null) gradient.add_(whole);
        return new HeadGradient(sums.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    private void AddGroup(IGrouping<int, LabelSlice> parts, Tensor hidden, HeadLoss loss, Tensor sums, Tensor gradient)
    {
        Tensor leaf = hidden.detach().requires_grad_(), weight = _network.HeadWeight.detach().requires_grad_(); // (N, hidden), (V, hidden): the same memory, gradients of their own
        Tensor direction = loss.GradientAt(loss.Near); // (S)
        Tensor own = zeros_like(sums); // (S), zero for other groups' sequences
        foreach (LabelSlice part in parts)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor partSums = SliceSums(leaf, weight, part); // (S)
            partSums.backward([direction]);
            own.add_(partSums.detach());
        }
        Tensor member = arange(_batch.SequenceCount, device: sums.device).remainder(_batch.GroupLabels.Count).eq(parts.Key).to(ScalarType.Float32); // (S)
        Tensor factor = (loss.GradientAt(own) * direction * member).sum() / (direction * direction * member).sum();
        sums.add_(own);
        gradient.add_(leaf.grad!.mul_(factor));
        _network.HeadWeight.backward([weight.grad!.mul_(factor)]);
    }

    /// <summary>Sums over a slice's labels; zero for sequences that have none in it, (S).</summary>
    private Tensor SliceSums(Tensor hidden, Tensor weight, LabelSlice slice)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = hidden.index_select(0, _batch.Rows.narrow(0, slice.Start, slice.Count)); // (m, hidden)
        Tensor logProbs = TokenLogProbs.Of(MiniMindNetwork.Logits(rows, weight), _batch.Labels.narrow(0, slice.Start, slice.Count)); // (m)
        return SequenceLogProbs.Sums(logProbs, _batch, slice.Start).MoveToOuterDisposeScope(); // (S)
    }
}
