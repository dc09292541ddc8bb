using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>No reference: its log-probabilities count as zero, so the loss compares the policy's own.</summary>
internal sealed class AbsentReference : IReferenceLogProbs
{
    public Tensor Sums(DeviceBatch batch, int[] examples) => zeros(batch.SumCount, dtype: ScalarType.Float64, device: batch.LossTokens.device); // (2 * B)
}
