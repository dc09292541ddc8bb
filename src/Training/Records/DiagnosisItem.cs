namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A finding in the training data.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Summary">In one sentence, with its numbers.</param>
/// <param name="Count">Pairs concerned.</param>
/// <param name="Examples">The first of them.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record DiagnosisItem(string Kind, string Summary, long Count, IReadOnlyList<string> Examples, string Why, string Remedy);
