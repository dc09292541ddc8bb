namespace MakeQuickStart.Bakery;

/// <summary>A question and its answer.</summary>
internal sealed record Turn(string Question, string Answer);
