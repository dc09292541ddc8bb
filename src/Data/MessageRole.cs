namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Who speaks in a message.</summary>
internal enum MessageRole
{
    System,
    Developer,
    User,
    Assistant,
    Tool,
    Function,
}
