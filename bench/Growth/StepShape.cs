namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>A training step to measure.</summary>
internal sealed record StepShape
{
    public int Hidden { get; init; } = 256;

    public int Layers { get; init; } = 6;

    public int Vocabulary { get; init; } = 6400;

    /// <summary>Tokens that both sides of a pair begin with.</summary>
    public int Prompt { get; init; }

    /// <summary>Counted tokens of either side.</summary>
    public int Answer { get; init; }

    public int BatchSize { get; init; } = 4;

    /// <summary>Whether it runs the plain way: padded, the head on every row, logits whole.</summary>
    public bool Plain { get; init; }

    /// <summary>MiB of logits at once, otherwise; by default what the trainer takes.</summary>
    public int? LogitsMegabytes { get; init; }

    public int Threads { get; init; }

    public int Rounds { get; init; }
}
