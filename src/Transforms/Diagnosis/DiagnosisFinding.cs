namespace MiniMind.MLNet.Dpo;

/// <summary>Something in preference data that is worth a look before training.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Summary">What was found, in one sentence with its numbers.</param>
/// <param name="Count">Pairs concerned.</param>
/// <param name="Share">Their share of the pairs that were looked at.</param>
/// <param name="Lines">The first of them: lines of the file, or rows counted from 1 where the data has no line numbers.</param>
/// <param name="Examples">The same in words, such as <c>17 = 5</c>, where a line is told with another one.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Remedy">What to do.</param>
public sealed record DiagnosisFinding(
    DiagnosisFindingKind Kind, string Summary, long Count, double Share, IReadOnlyList<long> Lines, IReadOnlyList<string> Examples, string Why, string Remedy);
