using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>Sums over the labels of responses that stand behind as many as the pair's shorter side has; parts of the whole sums.</summary>
/// <param name="Policy">Under the policy, (2 * B), fp64, nats.</param>
/// <param name="Reference">Under the reference, (2 * B), fp64, nats; zero where there is none.</param>
internal sealed record PairTails(Tensor Policy, Tensor Reference);
