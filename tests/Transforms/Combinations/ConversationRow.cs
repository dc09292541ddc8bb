namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>One conversation.</summary>
public sealed class ConversationRow : CaseRow
{
    public string Conversation { get; set; } = "";
}
