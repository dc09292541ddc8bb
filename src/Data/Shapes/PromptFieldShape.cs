namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A field that holds the prompt, a text or a message list.</summary>
internal sealed class PromptFieldShape(string name) : PromptShape
{
    /// <inheritdoc/>
    public override string Name => $"the prompt in '{name}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.Has(name);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft) => draft.Prompt = row.Take(name);
}
