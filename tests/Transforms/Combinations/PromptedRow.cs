namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair as plain text in columns that have the conversations' names.</summary>
public sealed class PromptedRow : CaseRow
{
    public string Prompt { get; set; } = "";
    public string Chosen { get; set; } = "";
    public string Rejected { get; set; } = "";

    /// <summary>The pairs of <see cref="PlainRow"/>.</summary>
    public static PromptedRow[] All => [.. PlainRow.All.Select(row => new PromptedRow { Prompt = row.Question, Chosen = row.Good, Rejected = row.Bad })];
}
