namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Runs at one rate that were followed, in a file.</summary>
internal sealed record CollapseResults
{
    /// <summary>The losses that are followed: the one that lets the chosen answers fall, and the two remedies.</summary>
    public static readonly IReadOnlyList<string> Losses = [ComparedLoss.Yardstick, "0.8 DPO + 0.2 NLL", "DPOP"];

    /// <summary>What is trained on, for a reader.</summary>
    public required string Data { get; init; }

    /// <summary>Weights of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Pairs that are trained on.</summary>
    public required int TrainingPairs { get; init; }

    /// <summary>Pairs that are measured.</summary>
    public required int HeldOutPairs { get; init; }

    /// <summary>Pairs of a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The peak learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>The runs.</summary>
    public required IReadOnlyList<CollapseLine> Lines { get; init; }
}
