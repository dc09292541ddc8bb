namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>A finished run, as it is kept: numbers alone.</summary>
internal sealed record LossRun
{
    /// <summary>The loss, <see cref="ComparedLoss.Name"/>.</summary>
    public required string Loss { get; init; }

    /// <summary>Its beta; <see langword="null"/> where it has none.</summary>
    public required double? Beta { get; init; }

    /// <summary>Its reduction.</summary>
    public required string Reduction { get; init; }

    /// <summary>The peak learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Accuracy by prompt on the pairs that the rate is chosen by.</summary>
    public required double TuningAccuracy { get; init; }

    /// <summary>Accuracy by prompt on the held-out pairs: the chosen answer gained more than the rejected one.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The same of each prompt, in order, parted by spaces.</summary>
    public required string Prompts { get; init; }

    /// <summary>How often the chosen answer is the likelier one by itself.</summary>
    public required double Own { get; init; }

    /// <summary>By how much more the chosen answer gained, nats.</summary>
    public required double Lead { get; init; }

    /// <summary>What that mean's 95 % interval reaches to both sides.</summary>
    public required double LeadHalfWidth { get; init; }

    /// <summary>What the chosen answers gained, nats per token.</summary>
    public required double ChosenPerToken { get; init; }

    /// <summary>What the rejected answers gained, nats per answer.</summary>
    public required double Rejected { get; init; }

    /// <summary>Tokens of greedy answers, on average.</summary>
    public required double AnswerTokens { get; init; }

    /// <summary>The guards that spoke.</summary>
    public required IReadOnlyList<string> Guards { get; init; }

    /// <summary>Seconds that training took.</summary>
    public required double Seconds { get; init; }
}
