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
        Tensor hiddenGradient = zeros_like(hidden, dtype: ScalarType.Float32); // (N, hidden)
        if (network.HeadWeight.grad is null) network.HeadWeight.grad = zeros_like(network.HeadWeight);
        Tensor weightGradient = network.HeadWeight.grad!; // (V, hidden)
        LabelSlice[] slices = [.. LabelSlice.Of(batch.GroupLabels, pass._most)];
        foreach (LabelSlice slice in slices.Where(slice => slice.Group < 0))
        {
            using DisposeScope inner = NewDisposeScope();
            sums.add_(pass.AddSlice(hidden, slice, loss.GradientAt, hiddenGradient, weightGradient));
        }
        foreach (IGrouping<int, LabelSlice> parts in slices.Where(slice => slice.Group >= 0).GroupBy(slice => slice.Group))
        {
            using DisposeScope inner = NewDisposeScope();
            pass.AddGroup(parts, hidden, loss, sums, hiddenGradient, weightGradient);
        }
        return new HeadGradient(sums.MoveToOuterDisposeScope(), hiddenGradient.to(hidden.dtype).MoveToOuterDisposeScope());
    }

    private void AddGroup(IGrouping<int, LabelSlice> parts, Tensor hidden, HeadLoss loss, Tensor sums, Tensor hiddenGradient, Tensor weightGradient)
    {
        Tensor ownHidden = zeros_like(hiddenGradient), ownWeight = zeros_like(weightGradient); // (N, hidden), (V, hidden)
        Tensor direction = loss.GradientAt(loss.Near); // (S)
        Tensor own = zeros_like(sums); // (S), zero for other groups' sequences
        foreach (LabelSlice part in parts)
        {
            using DisposeScope scope = NewDisposeScope();
            own.add_(AddSlice(hidden, part, _ => direction, ownHidden, ownWeight));
        }
        Tensor member = arange(_batch.SequenceCount, device: sums.device).remainder(_batch.GroupLabels.Count).eq(parts.Key).to(ScalarType.Float32); // (S)
        Tensor factor = (loss.GradientAt(own) * direction * member).sum() / (direction * direction * member).sum();
        sums.add_(own);
        hiddenGradient.addcmul_(ownHidden, factor, 1);
        weightGradient.addcmul_(ownWeight, factor, 1);
    }

    /// <summary>Runs a slice forward, and backward at once by the closed form: of a label's log-probability, the derivative by the logits is the label's one-hot row less the softmax.</summary>
    /// <param name="hidden">(N, hidden).</param>
    /// <param name="slice">Which labels.</param>
    /// <param name="direction">From the slice's sums, (S), to the derivative of the loss by them, (S).</param>
    /// <param name="hiddenGradient">(N, hidden), fp32, added to.</param>
    /// <param name="weightGradient">(V, hidden), fp32, added to.</param>
    /// <returns>Sums over the slice's labels, (S).</returns>
    private Tensor AddSlice(Tensor hidden, LabelSlice slice, Func<Tensor, Tensor> direction, Tensor hiddenGradient, Tensor weightGradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logProbs, rows, places = _batch.Rows.narrow(0, slice.Start, slice.Count), labels = _batch.Labels.narrow(0, slice.Start, slice.Count).unsqueeze(1); // (m, V), (m, hidden), (m), (m, 1)
        Tensor sums, factors;
        using (no_grad())
        {
            rows = hidden.index_select(0, places);
            logProbs = LogProbs(rows, _network.HeadWeight);
            sums = SequenceLogProbs.Sums(logProbs.gather(1, labels).squeeze(1), _batch, slice.Start); // (S)
        }
        factors = direction(sums).index_select(0, _batch.SequenceOf.narrow(0, slice.Start, slice.Count)); // (m)
        using (no_grad())
        {
            if (_batch.Weights is not null) factors = factors * _batch.Weights.narrow(0, slice.Start, slice.Count);
            factors = factors.neg().unsqueeze(1); // (m, 1)
            Tensor difference = logProbs.exp_().scatter_add_(1, labels, full_like(factors, -1)); // (m, V), in place: the softmax less the label
            if (hidden.dtype == ScalarType.Float32)
            {
                // the factor goes with the narrow side of the products, and the gradient's product into the gradient
                hiddenGradient.index_add_(0, places, difference.mm(_network.HeadWeight).mul_(factors), 1);
                weightGradient.addmm_(difference.t(), rows.mul_(factors));
            }
            else
            {
                Tensor low = difference.mul_(factors).to(hidden.dtype); // (m, V): fp16 needs the gradient scaler's factor in it
                hiddenGradient.index_add_(0, places, low.mm(_network.HeadWeight.to(hidden.dtype)).to(ScalarType.Float32), 1);
                weightGradient.add_(low.t().mm(rows));
            }
        }
        return sums.MoveToOuterDisposeScope(); // (S)
    }

    /// <summary>Log-softmax in fp32, (m, V); the logits are gone afterwards.</summary>
    private static Tensor LogProbs(Tensor rows, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.log_softmax(MiniMindNetwork.Logits(rows, weight).to(ScalarType.Float32), 1).MoveToOuterDisposeScope(); // (m, V)
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
