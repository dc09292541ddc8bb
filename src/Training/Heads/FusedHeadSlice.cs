using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>A slice on the CPU whose logits become their own gradient.</summary>
internal sealed class FusedHeadSlice : IHeadSlice
{
    private readonly LinearPass _weight;
    private readonly Tensor _rows, _labels, _logits, _logSums;

    /// <summary>Runs the slice forward.</summary>
    /// <param name="weight">The head's matrix, (V, hidden).</param>
    /// <param name="rows">(m, hidden), fp32 or bf16.</param>
    /// <param name="labels">(m), int64.</param>
    public FusedHeadSlice(LinearPass weight, Tensor rows, Tensor labels)
    {
        (_weight, _rows, _labels) = (weight, rows, labels);
        _logits = weight.Of(rows); // (m, V)
        (LogProbs, _logSums) = LogSoftmaxKernel.Forward(_logits, labels);
    }

    /// <inheritdoc />
    public Tensor LogProbs { get; }

    /// <inheritdoc />
    public Tensor Collisions() => RowCollisions.Of(_logits, _logSums); // (m)

    /// <inheritdoc />
    public Tensor Backward(Tensor factors, Tensor? weightGradient)
    {
        LogSoftmaxKernel.BackwardInPlace(_logits, _labels, _logSums, factors);
        if (weightGradient is not null)
            HostProduct.AddTo(weightGradient, _logits.t(), _rows);
        return _weight.Back(_logits).to(ScalarType.Float32); // (m, hidden)
    }
}
