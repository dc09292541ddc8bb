using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo;

/// <summary>How preference data is looked at.</summary>
public sealed record PreferenceDiagnosisOptions
{
    /// <summary>
    /// How pairs are prepared for the model: template, maximum length, mask; its columns with the conversations are those that are looked at, with a model or
    /// without.
    /// </summary>
    public PreferencePreparationOptions Preparation { get; init; } = new();

    /// <summary>The column with the lines of the file, an int64; where there is none, rows are counted.</summary>
    public string LineNumberColumnName { get; init; } = ColumnNames.LineNumber;

    /// <summary>
    /// A length, or a property of the form, is a finding where it tells the label in more than this share of the pairs that differ in it, beyond chance (the
    /// lower end of a
    /// 99.9 % interval).
    /// </summary>
    public double BiasLimit { get; init; } = 0.6;

    /// <summary>The Jaccard similarity of runs of three words from which on texts are nearly the same, 0.5 to 1.</summary>
    public double Similarity { get; init; } = 0.8;

    /// <summary>How many pairs a model scores at most, evenly spaced over the data; 0 to score none.</summary>
    public int ScoredPairs { get; init; } = 512;

    /// <summary>How the tokens' log-probabilities become one number in the model's margins.</summary>
    public LogProbReduction Reduction { get; init; } = LogProbReduction.Mean;

    /// <summary>How many lines a finding names.</summary>
    public int Examples { get; init; } = 5;

    /// <summary>The seed of the hashes that look for near duplicates; <see langword="null"/> for the context's, or 0 where that has none.</summary>
    public int? Seed { get; init; }

    /// <summary>Checks the options, all of them at once.</summary>
    /// <exception cref="ArgumentException">Something is out of range; the message lists every fault.</exception>
    public void Validate()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0)
            throw new ArgumentException($"{nameof(PreferenceDiagnosisOptions)}: {string.Join("; ", faults)}.");
        Preparation.Validate();
    }

    private IEnumerable<string> Faults()
    {
        if (Preparation is null)
            yield return $"{nameof(Preparation)} is null";
        if (string.IsNullOrWhiteSpace(LineNumberColumnName))
            yield return $"{nameof(LineNumberColumnName)} is empty";
        if (!(BiasLimit is >= 0.5 and < 1))
            yield return $"{nameof(BiasLimit)} is {InvariantText(BiasLimit)}; it must be at least 0.5 and below 1";
        if (!(Similarity is >= 0.5 and <= 1))
            yield return $"{nameof(Similarity)} is {InvariantText(Similarity)}; it must be from 0.5 to 1";
        if (ScoredPairs < 0)
            yield return $"{nameof(ScoredPairs)} is {ScoredPairs}; it must be 0 or more";
        if (!Enum.IsDefined(Reduction))
            yield return $"{nameof(Reduction)} is {Reduction}; it can be {string.Join(", ", Enum.GetNames<LogProbReduction>())}";
        if (Examples < 1)
            yield return $"{nameof(Examples)} is {Examples}; it must be at least 1";
    }

    private static string InvariantText(double value) => FormattableString.Invariant($"{value}");
}
