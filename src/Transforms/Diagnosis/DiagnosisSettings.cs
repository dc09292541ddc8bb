namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>What the diagnosis of texts is told.</summary>
/// <param name="Chosen">The column with the preferred conversation.</param>
/// <param name="Rejected">The column with the one that lost.</param>
/// <param name="LineNumber">The column with the line, which need not be there.</param>
/// <param name="BiasLimit">The share of pairs from which on a property that tells the label is a finding.</param>
/// <param name="Similarity">The Jaccard similarity from which on texts are nearly the same.</param>
/// <param name="Examples">How many lines a finding names.</param>
/// <param name="Seed">Of the hashes that look for near duplicates.</param>
internal sealed record DiagnosisSettings(string Chosen, string Rejected, string LineNumber, double BiasLimit, double Similarity, int Examples, int Seed);
