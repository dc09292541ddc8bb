namespace MiniMind.MLNet.Dpo;

/// <summary>
/// How the reference follows the policy: every so many steps it becomes <see cref="Alpha"/> times the policy and the rest itself (TR-DPO, Gorbatovski et al.
/// 2024, arXiv 2404.09656).
/// </summary>
/// <remarks>
/// The reference runs live, in memory of its own, and is part of a checkpoint. Rewards, in training and evaluations, are measured against it as it is then, and
/// the transformer gets it as it is at the end. The no-learning guard, which needs a start to compare with, does not look.
/// </remarks>
public sealed record ReferenceSyncOptions
{
    /// <summary>The policy's share: above 0, at most 1, at which the reference becomes the policy. The default is the paper's and TRL's.</summary>
    public double Alpha { get; init; } = 0.6;

    /// <summary>Optimizer steps between two changes; the default is the paper's and TRL's.</summary>
    public int EverySteps { get; init; } = 512;

    /// <summary>What is wrong with them.</summary>
    internal IEnumerable<string> Faults()
    {
        if (Alpha is not (> 0 and <= 1))
            yield return $"{nameof(Alpha)} is {Alpha}; it must be above 0 and at most 1";
        if (EverySteps < 1)
            yield return $"{nameof(EverySteps)} is {EverySteps}; it must be at least 1";
    }
}
