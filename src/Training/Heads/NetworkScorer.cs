using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>Log-probabilities of sequences under a network, without gradients.</summary>
internal static class NetworkScorer
{
    /// <summary>Sums per sequence, by the same code path as training takes.</summary>
    /// <param name="network">Whose log-probabilities.</param>
    /// <param name="batch">The sequences.</param>
    /// <param name="logitsBudget">The most elements that logits may have at once.</param>
    /// <param name="collisions">Whether sums of collisions are put behind them, as in
    /// <see cref="HeadPass.Sums(MiniMindNetwork, Tensor, DeviceBatch, long, bool)"/>.</param>
    /// <returns>(sums), fp64, nats, in the caller's scope.</returns>
    public static Tensor Sums(MiniMindNetwork network, DeviceBatch batch, long logitsBudget, bool collisions = false)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NetworkOutput output = network.Forward(batch.InputIds, batch.Layout, training: false, batch.Mode);
        return HeadPass.Sums(network, output.Hidden, batch, logitsBudget, collisions).MoveToOuterDisposeScope(); // (S)
    }

    /// <summary>The same by the pass that a training step runs, up to where it would turn back; of a model without dropout.</summary>
    /// <returns>(S), fp64, nats, in the caller's scope.</returns>
    public static Tensor TrainingSums(MiniMindNetwork network, DeviceBatch batch, BatchOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        LayeredPass pass = new(network, batch.InputIds, batch.Layout, batch.Mode, batch.TokenWeights, recompute: options.Checkpointing);
        return HeadPass.Sums(network, pass.Hidden, batch, options.LogitsBudget).MoveToOuterDisposeScope(); // (S)
    }
}
