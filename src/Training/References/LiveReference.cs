using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>Runs the reference network beside the policy in every step.</summary>
internal sealed class LiveReference(MiniMindNetwork network, long logitsBudget) : IReferenceLogProbs
{
    public Tensor Sums(DeviceBatch batch, int[] examples) => NetworkScorer.Sums(network, batch, logitsBudget); // (2 * B)
}
