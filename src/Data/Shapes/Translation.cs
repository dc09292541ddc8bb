namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A row in the form that the row reader knows.</summary>
/// <param name="Rows">The rows that the line gives, each a JSON object.</param>
/// <param name="Shape">What the line was taken for, in words.</param>
/// <param name="IsPlain">Whether the row's own names are those of the plain form, so that errors need not say what it was taken for.</param>
/// <param name="Ties">Pairs of answers that were left out because neither is better.</param>
internal sealed record Translation(IReadOnlyList<byte[]> Rows, string Shape, bool IsPlain, int Ties = 0);
