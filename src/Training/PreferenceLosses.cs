using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>What a preference loss gives for a batch of B pairs.</summary>
/// <param name="Losses">(B).</param>
/// <param name="ChosenRewards">Implicit rewards beta * (log pi - log ref) of the chosen sides, (B).</param>
/// <param name="RejectedRewards">The same of the rejected sides, (B).</param>
internal sealed record PreferenceLosses(Tensor Losses, Tensor ChosenRewards, Tensor RejectedRewards);
