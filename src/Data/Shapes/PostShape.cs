namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>SHP's rows: the post that people answered is the text <c>history</c>.</summary>
internal sealed class PostShape : PromptShape
{
    private const string History = "history";

    /// <inheritdoc/>
    public override string Name => $"the prompt in '{History}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.HasText(History) && row.WasNamed("human_ref_A");

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft) => draft.Prompt = row.Take(History);
}
