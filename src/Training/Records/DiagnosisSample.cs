namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>What a look at the training data showed: the contents of <c>diagnosis.json</c>.</summary>
internal sealed record DiagnosisSample
{
    public const string FileName = "diagnosis.json";

    /// <summary>Why nothing was looked at; <see langword="null"/> where something was.</summary>
    public string? Missing { get; init; }

    /// <summary>Pairs that were looked at.</summary>
    public long Pairs { get; init; }

    /// <summary>Whether these are the first ones of more.</summary>
    public bool IsPart { get; init; }

    /// <summary>Different prompts among them.</summary>
    public long Prompts { get; init; }

    /// <summary>Held-out pairs that were looked at; <see langword="null"/> without any.</summary>
    public long? HeldOutPairs { get; init; }

    /// <summary>What is worth a look.</summary>
    public IReadOnlyList<DiagnosisItem> Findings { get; init; } = [];

    /// <summary>The whole text, for people.</summary>
    public string? Text { get; init; }
}
