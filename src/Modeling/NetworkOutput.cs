using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>What one pass through the network gives; the caller disposes both tensors.</summary>
/// <param name="Hidden">Normalised hidden states, (N, hidden), in the compute type.</param>
/// <param name="AuxiliaryLoss">Sum of the layers' load-balancing losses, a scalar; <see langword="null"/> for a dense model or outside training.</param>
internal sealed record NetworkOutput(Tensor Hidden, Tensor? AuxiliaryLoss);
