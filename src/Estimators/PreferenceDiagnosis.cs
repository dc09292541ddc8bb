using MiniMind.MLNet.Dpo.Estimators;

namespace MiniMind.MLNet.Dpo;

/// <summary>What a look at preference data showed: findings, and what was measured on the way. Its text is for a person to read.</summary>
public sealed record PreferenceDiagnosis
{
    /// <summary>Pairs that were looked at.</summary>
    public required long Pairs { get; init; }

    /// <summary>Different prompts among them.</summary>
    public required long Prompts { get; init; }

    /// <summary>Held-out pairs; <see langword="null"/> where none were given.</summary>
    public required long? HeldOutPairs { get; init; }

    /// <summary>What is worth a look, the gravest kinds first; empty where nothing is.</summary>
    public required IReadOnlyList<DiagnosisFinding> Findings { get; init; }

    /// <summary>How the answers' lengths go with their labels.</summary>
    public required LengthBias Length { get; init; }

    /// <summary>How properties of the answers' form go with their labels: all that are looked at, and words at the beginning or end that tell the
    /// label.</summary>
    public required IReadOnlyList<FormatBias> Formats { get; init; }

    /// <summary>What the maximum length takes; <see langword="null"/> without a model.</summary>
    public TruncationReport? Truncation { get; init; }

    /// <summary>What the model prefers before training; <see langword="null"/> without a model, or where it scored none.</summary>
    public ReferenceMargins? Reference { get; init; }

    /// <summary>Whether rows are told by lines of a file.</summary>
    internal bool HasLines { get; init; }

    /// <summary>The findings of a kind.</summary>
    public IEnumerable<DiagnosisFinding> Of(DiagnosisFindingKind kind) => Findings.Where(finding => finding.Kind == kind);

    /// <summary>The report, in lines of at most 100 characters.</summary>
    public override string ToString() => DiagnosisText.Of(this);
}
