namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What a model file says of a network that is more than fp32 weights.</summary>
/// <param name="Format">How its matrices are kept in memory.</param>
/// <param name="Adapter">Its adapter, if it has one.</param>
/// <param name="BaseSha256">The hash of its own weights, in their format, where they are not in the file; <see langword="null"/> where they are.</param>
/// <param name="SharesPolicy">Whether its own weights are the policy's.</param>
internal sealed record SavedNetwork(FrozenFormat Format, SavedAdapter? Adapter = null, string? BaseSha256 = null, bool SharesPolicy = false);
