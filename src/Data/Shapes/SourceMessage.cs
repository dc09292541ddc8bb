namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A message as a row has it, brought into the form with <c>role</c> and <c>content</c>.</summary>
/// <param name="Role">Who speaks; null where the row reader is to refuse the role.</param>
/// <param name="Text">The content; null where it is absent or no text.</param>
/// <param name="Json">The message's JSON; a message that had the form already is as it was written.</param>
internal readonly record struct SourceMessage(MessageRole? Role, string? Text, string Json)
{
    /// <summary>A message of a text.</summary>
    public static SourceMessage Of(MessageRole role, string text) => new(role, text, $$"""{"role":"{{role.Name()}}","content":{{JsonString.Of(text)}}}""");
}
