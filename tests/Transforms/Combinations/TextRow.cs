namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair's rendered texts.</summary>
public sealed class TextRow : CaseRow
{
    public string ChosenText { get; set; } = "";
    public string RejectedText { get; set; } = "";

    /// <summary>The texts of <see cref="SmallChat"/>'s pairs.</summary>
    public static TextRow[] All =>
        [.. SmallChat.Pairs
            .Select(pair => new TextRow { ChosenText = SmallChat.Template.Render(pair.Chosen), RejectedText = SmallChat.Template.Render(pair.Rejected) })];
}
