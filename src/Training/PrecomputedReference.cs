using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>The reference's log-probabilities of every pair, computed once before training.</summary>
internal sealed class PrecomputedReference(float[] chosen, float[] rejected) : IReferenceLogProbs
{
    /// <summary>Sums of the chosen sides by pair, nats.</summary>
    public IReadOnlyList<float> Chosen => chosen;

    /// <summary>Sums of the rejected sides by pair, nats.</summary>
    public IReadOnlyList<float> Rejected => rejected;

    /// <summary>Runs the reference over all pairs.</summary>
    /// <param name="network">The reference.</param>
    /// <param name="groups">Batches of pair indices that cover every pair once.</param>
    /// <param name="build">Lays out a batch as training does.</param>
    /// <param name="computeType">The element type of matrix products, the policy's.</param>
    /// <param name="logitsBudget">The most elements that logits may have at once.</param>
    /// <param name="cancellation">Ends the run between batches.</param>
    public static PrecomputedReference Compute(
        MiniMindNetwork network, IReadOnlyList<int[]> groups, Func<int[], BatchRows> build, ScalarType computeType, long logitsBudget, CancellationToken cancellation)
    {
        int count = groups.Sum(g => g.Length);
        (float[] chosen, float[] rejected) = (new float[count], new float[count]);
        foreach (int[] group in groups)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            float[] sums = NetworkScorer.Sums(network, new DeviceBatch(build(group), computeType, network.Device), logitsBudget).cpu().data<float>().ToArray();
            for (int i = 0; i < group.Length; i++) (chosen[group[i]], rejected[group[i]]) = (sums[i], sums[group.Length + i]);
        }
        return new PrecomputedReference(chosen, rejected);
    }

    public Tensor Sums(DeviceBatch batch, int[] examples)
    {
        float[] sums = new float[2 * examples.Length];
        for (int i = 0; i < examples.Length; i++) (sums[i], sums[examples.Length + i]) = (chosen[examples[i]], rejected[examples[i]]);
        return tensor(sums, device: batch.LossTokens.device); // (2 * B)
    }
}
