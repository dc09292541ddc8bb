using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>From hidden states to per-sequence log-probabilities, and back, with logits of at most a given size.</summary>
/// <remarks>
/// Labels run slice by slice, each forward and backward at once, so that no logits are kept or made twice. For slices of whole groups that is plain, where
/// the loss is a sum over groups. Of a group too large for a slice, where the gradient has a fixed direction, the parts are backpropagated with the gradient
/// that the loss has elsewhere, which differs by a factor only (see <see cref="HeadLoss"/>); the factor is known after the last part, and then applied to what
/// they gave. Otherwise they run forward first, so that the sums give the exact gradient, and then once more, backward; all slices do where the loss couples
/// groups.
/// </remarks>
internal sealed class HeadPass : IDisposable
{
    private readonly MiniMindNetwork _network;
    private readonly DeviceBatch _batch;
    private readonly long _most;
    private readonly bool _collisions;
    private readonly LinearPass? _matrix;

    private HeadPass(MiniMindNetwork network, Tensor hidden, DeviceBatch batch, long logitsBudget, bool collisions)
    {
        (_network, _batch, _most, _collisions) = (network, batch, Math.Max(1, logitsBudget / network.Config.VocabularySize), collisions);
        if (batch.Mode.Fused && HostProduct.Fits(hidden))
            _matrix = new LinearPass(network.Head, hidden.dtype);
    }

    /// <summary>Runs the head forward, without gradients.</summary>
    /// <param name="network">Whose head.</param>
    /// <param name="hidden">(N, hidden).</param>
    /// <param name="batch">Which rows predict which labels.</param>
    /// <param name="logitsBudget">The most elements that the logits of a slice may have.</param>
    /// <param name="collisions">Whether the sums of <see cref="TokenStatistics.Collisions"/>, (S), are put behind the others.</param>
    /// <returns>(sums), fp64, nats, in the caller's scope; to the last bit what <see cref="Gradient"/> gives of the same hidden states.</returns>
    public static Tensor Sums(MiniMindNetwork network, Tensor hidden, DeviceBatch batch, long logitsBudget, bool collisions = false)
    {
        using IDisposable noGradient = no_grad();
        using HeadPass pass = new(network, hidden, batch, logitsBudget, collisions);
        Tensor sums = pass.Zeros(hidden.device); // (sums)
        foreach (LabelSlice slice in LabelSlice.Of(batch.GroupLabels, pass._most)) // training's slices: matrix products of another size round otherwise
        {
            using DisposeScope scope = NewDisposeScope();
            sums.AddInPlace(pass.SliceSums(hidden, slice));
        }
        return sums;
    }

    /// <summary>Runs the head forward and backward, and adds to its weight's gradient where it is trained.</summary>
    /// <param name="network">Whose head.</param>
    /// <param name="hidden">(N, hidden), cut off from the graph.</param>
    /// <param name="batch">Which rows predict which labels.</param>
    /// <param name="logitsBudget">The most elements that the logits of a slice may have.</param>
    /// <param name="loss">What is made smaller.</param>
    /// <returns>Tensors in the caller's scope.</returns>
    public static HeadGradient Gradient(MiniMindNetwork network, Tensor hidden, DeviceBatch batch, long logitsBudget, HeadLoss loss)
    {
        using DisposeScope scope = NewDisposeScope();
        using HeadPass pass = new(network, hidden, batch, logitsBudget, loss.Collisions);
        Tensor sums = pass.Zeros(hidden.device); // (sums)
        Tensor hiddenGradient = zeros_like(hidden, dtype: ScalarType.Float32); // (N, hidden)
        Tensor? weightGradient = network.Head.IsTrained ? KernelMatrix.GradientOf(network.HeadWeight) : null; // (V, hidden)
        LabelSlice[] slices = [.. LabelSlice.Of(batch.GroupLabels, pass._most)];
        if (loss.Direction == GradientDirection.Coupled && slices.Length > 1)
        {
            pass.AddKnown(slices, hidden, loss, sums, hiddenGradient, weightGradient);
            slices = [];
        }
        foreach (LabelSlice slice in slices.Where(slice => slice.Group < 0))
        {
            using DisposeScope inner = NewDisposeScope();
            sums.AddInPlace(pass.AddSlice(hidden, slice, loss.GradientAt, hiddenGradient, weightGradient));
        }
        foreach (IGrouping<int, LabelSlice> parts in slices.Where(slice => slice.Group >= 0).GroupBy(slice => slice.Group))
        {
            using DisposeScope inner = NewDisposeScope();
            if (loss.Direction == GradientDirection.Fixed)
                pass.AddGroup(parts, hidden, loss, sums, hiddenGradient, weightGradient);
            else
                pass.AddKnown([.. parts], hidden, loss, sums, hiddenGradient, weightGradient);
        }
        return new HeadGradient(sums.MoveToOuterDisposeScope(), hiddenGradient.to(hidden.dtype).MoveToOuterDisposeScope());
    }

    /// <inheritdoc />
    public void Dispose() => _matrix?.Dispose();

    /// <summary>Runs slices forward for their sums, and again, backward, with the gradient that the loss has there.</summary>
    private void AddKnown(LabelSlice[] slices, Tensor hidden, HeadLoss loss, Tensor sums, Tensor hiddenGradient, Tensor? weightGradient)
    {
        Tensor own = zeros_like(sums); // (S), zero for sequences without a label in the slices
        using (no_grad())
        {
            foreach (LabelSlice slice in slices)
            {
                using DisposeScope scope = NewDisposeScope();
                own.AddInPlace(SliceSums(hidden, slice));
            }
        }
        Tensor gradient = loss.GradientAt(own); // (S)
        foreach (LabelSlice slice in slices)
        {
            using DisposeScope scope = NewDisposeScope();
            AddSlice(hidden, slice, _ => gradient, hiddenGradient, weightGradient);
        }
        sums.AddInPlace(own);
    }

    private void AddGroup(IGrouping<int, LabelSlice> parts, Tensor hidden, HeadLoss loss, Tensor sums, Tensor hiddenGradient, Tensor? weightGradient)
    {
        Tensor ownHidden = zeros_like(hiddenGradient); // (N, hidden)
        Tensor? ownWeight = weightGradient is null ? null : zeros_like(weightGradient); // (V, hidden)
        Tensor direction = loss.GradientAt(loss.Near); // (S)
        Tensor own = zeros_like(sums); // (S), zero for other groups' sequences
        foreach (LabelSlice part in parts)
        {
            using DisposeScope scope = NewDisposeScope();
            own.AddInPlace(AddSlice(hidden, part, _ => direction, ownHidden, ownWeight));
        }
        Tensor member = ScalarOperations.Arange(_batch.SumCount, device: sums.device).Remainder(_batch.GroupLabels.Count).EqualTo(parts.Key)
            .to(ScalarType.Float64); // (S)
        Tensor factor = ((loss.GradientAt(own) * direction * member).sum() / (direction * direction * member).sum()).to(ScalarType.Float32);
        sums.AddInPlace(own);
        hiddenGradient.AddcmulInPlace(ownHidden, factor);
        weightGradient?.AddcmulInPlace(ownWeight!, factor);
    }

    /// <summary>Runs a slice forward, and backward at once.</summary>
    /// <param name="hidden">(N, hidden).</param>
    /// <param name="slice">Which labels.</param>
    /// <param name="direction">From the slice's sums, (S), to the derivative of the loss by them, (S).</param>
    /// <param name="hiddenGradient">(N, hidden), fp32, added to.</param>
    /// <param name="weightGradient">(V, hidden), fp32, added to; <see langword="null"/> for none.</param>
    /// <returns>Sums over the slice's labels, (S).</returns>
    private Tensor AddSlice(Tensor hidden, LabelSlice slice, Func<Tensor, Tensor> direction, Tensor hiddenGradient, Tensor? weightGradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums;
        IHeadSlice pass;
        using (no_grad())
        {
            pass = Slice(hidden, slice);
            sums = Sums(pass, slice); // (sums)
        }
        Tensor factors = direction(sums).index_select(0, _batch.SequenceOf.narrow(0, slice.Start, slice.Count)).to(ScalarType.Float32); // (m)
        using (no_grad())
        {
            if (_batch.Weights is not null)
                factors = factors * _batch.Weights.narrow(0, slice.Start, slice.Count);
            hiddenGradient.IndexAddInPlace(0, _batch.Rows.narrow(0, slice.Start, slice.Count), pass.Backward(factors, weightGradient));
        }
        return sums.MoveToOuterDisposeScope(); // (S)
    }

    private IHeadSlice Slice(Tensor hidden, LabelSlice slice)
    {
        // (m, hidden), (m)
        Tensor rows = hidden.index_select(0, _batch.Rows.narrow(0, slice.Start, slice.Count)), labels = _batch.Labels.narrow(0, slice.Start, slice.Count);
        return _matrix is null ? new TorchHeadSlice(_network.Head.Dense(ScalarType.Float32), rows, labels) : new FusedHeadSlice(_matrix, rows, labels);
    }

    /// <summary>Sums over a slice's labels; zero for sequences that have none in it, (S).</summary>
    private Tensor SliceSums(Tensor hidden, LabelSlice slice)
    {
        using DisposeScope scope = NewDisposeScope();
        return Sums(Slice(hidden, slice), slice).MoveToOuterDisposeScope(); // (sums)
    }

    private Tensor Sums(IHeadSlice pass, LabelSlice slice)
    {
        Tensor sums = SequenceLogProbs.Sums(pass.LogProbs, _batch, slice.Start); // (sums)
        if (!_collisions)
            return sums;
        Tensor collisions = SequenceLogProbs.Sums(pass.Collisions(), _batch, slice.Start).view(-1, _batch.SequenceCount).sum([0]); // (parts, S) -> (S)
        return cat([sums, collisions]); // (sums)
    }

    private Tensor Zeros(Device device) =>
        zeros(_batch.SumCount + (_collisions ? _batch.SequenceCount : 0), dtype: ScalarType.Float64, device: device); // (sums)
}
