namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>One measure of all rows of a picture.</summary>
/// <param name="Title">What it is, with its unit.</param>
/// <param name="Values">Of each row; not a number for none.</param>
/// <param name="Mark">A value to compare with, drawn across; <see langword="null"/> for none.</param>
internal sealed record DotPanel(string Title, IReadOnlyList<DotValue> Values, double? Mark);
