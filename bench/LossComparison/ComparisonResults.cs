namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>What a comparison has measured so far, in a file.</summary>
internal sealed record ComparisonResults
{
    /// <summary>What is trained on, for a reader.</summary>
    public required string Data { get; init; }

    /// <summary>Weights of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Pairs that are trained on.</summary>
    public required int TrainingPairs { get; init; }

    /// <summary>Pairs that the rate is chosen by.</summary>
    public required int TuningPairs { get; init; }

    /// <summary>Their prompts.</summary>
    public required int TuningPrompts { get; init; }

    /// <summary>Pairs that are measured.</summary>
    public required int HeldOutPairs { get; init; }

    /// <summary>Their prompts.</summary>
    public required int HeldOutPrompts { get; init; }

    /// <summary>Counted tokens of a held-out chosen answer, on average.</summary>
    public required double ChosenTokens { get; init; }

    /// <summary>Pairs of a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Passes over the pairs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Tokens per side, at most.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Prompts that are answered to measure lengths.</summary>
    public required int AnsweredPrompts { get; init; }

    /// <summary>Where answers are cut.</summary>
    public required int MostAnswerTokens { get; init; }

    /// <summary>How often the untrained model gives the chosen answer the higher log-probability.</summary>
    public required double StartOwn { get; init; }

    /// <summary>Tokens of its greedy answers.</summary>
    public required double StartAnswerTokens { get; init; }

    /// <summary>The runs so far.</summary>
    public IReadOnlyList<LossRun> Runs { get; init; } = [];

    /// <summary>The rates at which every loss was trained, from which each may choose: the same budget for all.</summary>
    public IReadOnlyList<double> CommonRates() =>
        [.. AllRates().Where(rate => Runs.GroupBy(run => run.Loss).All(runs => runs.Any(run => run.Rate == rate)))];

    /// <summary>The rates at which some loss was trained.</summary>
    public IReadOnlyList<double> AllRates() => [.. Runs.Select(run => run.Rate).Distinct().Order()];

    /// <summary>Each loss's run at its best common rate, by the tuning prompts: the lower rate where two are equal.</summary>
    public IEnumerable<LossRun> Best()
    {
        IReadOnlyList<double> rates = CommonRates();
        return Runs.Where(run => rates.Contains(run.Rate)).GroupBy(run => run.Loss)
            .Select(runs => runs.OrderBy(run => run.Rate).MaxBy(run => run.TuningAccuracy)!);
    }
}
