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
        {
            throw new ArgumentException($"The chosen and the rejected answer are the same, '{Excerpt.Of(chosen)}'; a pair needs two different answers.",
                nameof(rejected));
        }

        ChatMessage[] messages = [.. prompt];
        string Side(string answer) => PromptedAnswer.Write(messages, answer, $"{nameof(Chosen)} and {nameof(Rejected)}");
        return new PreferencePair { Chosen = Side(chosen), Rejected = Side(rejected) };
    }
}
