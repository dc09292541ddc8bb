using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>What the head gives in training.</summary>
/// <param name="Sums">Log-probability of each sequence's counted labels, summed, (S), fp64, nats, cut off from the graph.</param>
/// <param name="Hidden">Gradient of the loss with respect to the hidden states, (N, hidden).</param>
internal sealed record HeadGradient(Tensor Sums, Tensor Hidden);
