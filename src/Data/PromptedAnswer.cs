using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A conversation so far and an answer to it as a JSON message list.</summary>
internal static class PromptedAnswer
{
    /// <summary>Writes the list.</summary>
    /// <param name="prompt">The messages that the answer follows; text only.</param>
    /// <param name="answer">The assistant's answer.</param>
    /// <param name="columns">Where messages with other contents may be written as JSON, for errors.</param>
    /// <exception cref="ArgumentException">There is no message, or one holds something other than text or has a role that chat templates do not
    /// know.</exception>
    public static string Write(IReadOnlyCollection<ChatMessage> prompt, string answer, string columns)
    {
        if (prompt.Count == 0)
            throw new ArgumentException("The prompt has no messages; it needs at least one.", nameof(prompt));
        MessageListWriter writer = new();
        writer.Begin();
        foreach (ChatMessage message in prompt)
            writer.Add(RoleOf(message, columns), message.Text);
        writer.Add(MessageRole.Assistant, answer);
        return writer.End();
    }

    private static MessageRole RoleOf(ChatMessage message, string columns)
    {
        if (message.Contents.FirstOrDefault(content => content is not TextContent) is { } other)
        {
            throw new ArgumentException(
                $"A message of the prompt holds {other.GetType().Name}; only text can be carried. Write such messages as JSON into {columns}.", "prompt");
        }

        int role = Array.IndexOf(MessageRoles.Names, message.Role.Value);
        if (role < 0)
        {
            throw new ArgumentException(
                $"A message of the prompt has role '{message.Role.Value}'; it must be one of {string.Join(", ", MessageRoles.Names)}.", "prompt");
        }

        return (MessageRole)role;
    }
}
