namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>What one rank knows of a run that was evaluated and watched.</summary>
public sealed record WatchedReport
{
    /// <summary>What the guard that finds something was to do.</summary>
    public required GuardAction Action { get; init; }

    /// <summary>Steps taken, and the step whose weights are returned.</summary>
    public required long[] Steps { get; init; }

    /// <summary>Why the run ended early.</summary>
    public required string? StopReason { get; init; }

    /// <summary>What guards said, with the step.</summary>
    public required string[] Warnings { get; init; }

    /// <summary>Which guards spoke up, and at which step.</summary>
    public required string[] Guards { get; init; }

    /// <summary>The evaluations during training, each metric by step and name.</summary>
    public required IReadOnlyDictionary<string, double> Evaluations { get; init; }

    /// <summary>What the trained model scores on the held-out pairs, evaluated by all ranks together.</summary>
    public required IReadOnlyDictionary<string, double> Scored { get; init; }
}
