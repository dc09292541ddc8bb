using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Log-probabilities of sequences under a network, without gradients.</summary>
internal static class NetworkScorer
{
    /// <summary>Sums per sequence, by the same code path as training takes.</summary>
    /// <returns>(S), fp32, nats, in the caller's scope.</returns>
    public static Tensor Sums(MiniMindNetwork network, DeviceBatch batch, long logitsBudget)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NetworkOutput output = network.Forward(batch.InputIds, batch.Layout, training: false, batch.Mode);
        return HeadPass.Sums(network, output.Hidden, batch, logitsBudget).MoveToOuterDisposeScope(); // (S)
    }
}
