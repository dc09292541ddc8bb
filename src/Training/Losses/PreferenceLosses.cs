using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What a preference loss gives for a batch of B pairs.</summary>
/// <param name="Losses">(B).</param>
/// <param name="ChosenRewards">Implicit rewards of the chosen sides, (B), without gradient.</param>
/// <param name="RejectedRewards">The same of the rejected sides, (B).</param>
internal sealed record PreferenceLosses(Tensor Losses, Tensor ChosenRewards, Tensor RejectedRewards);
