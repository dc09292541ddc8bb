using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>The frozen reference's log-probabilities of a batch.</summary>
internal interface IReferenceLogProbs
{
    /// <summary>Sums per sequence, chosen over rejected, without gradient.</summary>
    /// <returns>(2 * B), fp64, nats, on the batch's device, in the caller's scope.</returns>
    Tensor Sums(DeviceBatch batch, int[] examples);
}
