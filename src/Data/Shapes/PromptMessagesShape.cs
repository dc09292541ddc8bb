namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A field that holds the prompt as a message list; as a text it could be anything.</summary>
internal sealed class PromptMessagesShape(string name) : PromptShape
{
    /// <inheritdoc/>
    public override string Name => $"the prompt's messages in '{name}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.HasMessages(name);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft) => draft.Prompt = row.Take(name);
}
