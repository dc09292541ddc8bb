using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo;

/// <summary>A preference pair as an object: the input of a prediction engine, or a row of <c>LoadFromEnumerable</c>.</summary>
/// <remarks>Mutable, as ML.NET fills it by its setters; not safe to change while another thread reads it.</remarks>
public sealed class PreferencePair
{
    /// <summary>The preferred conversation, prompt included: a JSON list of messages with <c>role</c> and <c>content</c>.</summary>
    public string Chosen { get; set; } = "";

    /// <summary>The conversation that lost, prompt included: a JSON list of messages with <c>role</c> and <c>content</c>.</summary>
    public string Rejected { get; set; } = "";

    /// <summary>Makes a pair from a user's prompt and two answers.</summary>
    /// <param name="prompt">What the user says.</param>
    /// <param name="chosen">The preferred answer.</param>
    /// <param name="rejected">The answer that lost.</param>
    /// <exception cref="ArgumentException">The prompt or an answer is blank, or the answers are the same.</exception>
    public static PreferencePair FromPrompt(string prompt, string chosen, string rejected)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(prompt);
        return FromPrompt([new ChatMessage(ChatRole.User, prompt)], chosen, rejected);
    }

    /// <summary>Makes a pair from a conversation so far and two answers to it.</summary>
    /// <param name="prompt">The messages that both answers follow, a system message among them or not; text only.</param>
    /// <param name="chosen">The preferred answer.</param>
    /// <param name="rejected">The answer that lost.</param>
    /// <exception cref="ArgumentException">There is no message, one holds something other than text or has a role that chat templates do not know, an answer is
    /// blank, or the answers are the same.</exception>
    public static PreferencePair FromPrompt(IEnumerable<ChatMessage> prompt, string chosen, string rejected)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentException.ThrowIfNullOrWhiteSpace(chosen);
        ArgumentException.ThrowIfNullOrWhiteSpace(rejected);
        if (chosen == rejected)
            throw new ArgumentException($"The chosen and the rejected answer are the same, '{Excerpt.Of(chosen)}'; a pair needs two different answers.",
                nameof(rejected));
        (MessageRole Role, string Text)[] messages = [.. prompt.Select(Read)];
        if (messages.Length == 0)
            throw new ArgumentException("The prompt has no messages; it needs at least one.", nameof(prompt));
        return new PreferencePair { Chosen = Write(messages, chosen), Rejected = Write(messages, rejected) };
    }

    private static (MessageRole Role, string Text) Read(ChatMessage message)
    {
        if (message.Contents.FirstOrDefault(content => content is not TextContent) is { } other)
            throw new ArgumentException(
                $"A message of the prompt holds {other.GetType().Name}; only text can be carried. Write such messages as JSON into {nameof(Chosen)} and " +
                $"{nameof(Rejected)}.", "prompt");
        int role = Array.IndexOf(MessageRoles.Names, message.Role.Value);
        if (role < 0)
            throw new ArgumentException(
                $"A message of the prompt has role '{message.Role.Value}'; it must be one of {string.Join(", ", MessageRoles.Names)}.", "prompt");
        return ((MessageRole)role, message.Text);
    }

    private static string Write((MessageRole Role, string Text)[] prompt, string answer)
    {
        MessageListWriter writer = new();
        writer.Begin();
        foreach ((MessageRole role, string text) in prompt)
            writer.Add(role, text);
        writer.Add(MessageRole.Assistant, answer);
        return writer.End();
    }
}
