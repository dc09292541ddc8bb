namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>The passes without gradients that a step runs before its own, each through policy and reference.</summary>
/// <param name="Tokens">Their input tokens, of all processes, without padding.</param>
/// <param name="PassRows">Rows of each pass, in this process.</param>
internal readonly record struct ForwardDemand(long Tokens, IReadOnlyList<long> PassRows)
{
    /// <summary>There are none.</summary>
    public static ForwardDemand None { get; } = new(0, []);

    /// <summary>
    /// What the passes take as rows of a step's own, which run through the reference, too, but forward and twice as long backward through the policy.
    /// </summary>
    public long WorkRows => PassRows.Sum() / 2;
}
