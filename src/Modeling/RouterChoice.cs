using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>What one mixture-of-experts layer's router decided for every token.</summary>
/// <param name="Probabilities">Softmax over the experts, (N, E), fp32.</param>
/// <param name="Experts">The chosen experts, (N, K), int64.</param>
internal sealed record RouterChoice(Tensor Probabilities, Tensor Experts);
