using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>A slice by libtorch's operations, on any device.</summary>
internal sealed class TorchHeadSlice : IHeadSlice
{
    private readonly Tensor _weight, _rows, _labels, _logProbs;

    /// <summary>Runs the slice forward.</summary>
    /// <param name="weight">The head's matrix, (V, hidden), fp32.</param>
    /// <param name="rows">(m, hidden) in the compute type.</param>
    /// <param name="labels">(m), int64.</param>
    public TorchHeadSlice(Tensor weight, Tensor rows, Tensor labels)
    {
        (_weight, _rows, _labels) = (weight, rows, labels.unsqueeze(1)); // (m, 1)
        using (DisposeScope scope = NewDisposeScope())
            // (m, V); the logits are gone
            _logProbs = nn.functional.log_softmax(MiniMindNetwork.Logits(rows, weight).to(ScalarType.Float32), 1).MoveToOuterDisposeScope();
        LogProbs = _logProbs.gather(1, _labels).squeeze(1); // (m)
    }

    /// <inheritdoc />
    public Tensor LogProbs { get; }

    /// <inheritdoc />
    public Tensor Collisions() => RowCollisions.Of(_logProbs, null); // (m)

    /// <inheritdoc />
    public Tensor Backward(Tensor factors, Tensor? weightGradient)
    {
        Tensor columns = factors.neg().unsqueeze(1); // (m, 1)
        Tensor difference = _logProbs.exp_().scatter_add_(1, _labels, ScalarOperations.FullLike(columns, -1)); // (m, V), in place: the softmax less the label
        if (_rows.dtype == ScalarType.Float32)
        {
            // the factor goes with the narrow side of the products, and the gradient's product into the gradient
            Tensor gradient = difference.mm(_weight).mul_(columns); // (m, hidden)
            weightGradient?.addmm_(difference.t(), _rows.mul_(columns));
            return gradient;
        }
        Tensor low = difference.mul_(columns).to(_rows.dtype); // (m, V): fp16 needs the gradient scaler's factor in it
        weightGradient?.AddInPlace(low.t().mm(_rows));
        return low.mm(_weight.to(_rows.dtype)).to(ScalarType.Float32); // (m, hidden)
    }
}
