namespace MakeQuickStart.Bakery;

/// <summary>A question, the answer that guests prefer, and the one that they do not.</summary>
internal sealed record Preference(string Question, string Chosen, string Rejected);
