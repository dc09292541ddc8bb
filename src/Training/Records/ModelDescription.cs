using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The model that training starts from, as run records show it.</summary>
/// <param name="Parameters">The number of weights.</param>
/// <param name="Sha256">SHA-256 of the weights: of the <c>model.safetensors</c> that saving it in fp32 gives.</param>
/// <param name="Config">The network's shape.</param>
internal sealed record ModelDescription(long Parameters, string Sha256, ModelConfig Config);
