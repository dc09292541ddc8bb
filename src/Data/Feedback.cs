using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo;

/// <summary>An answer and a person's verdict on it as an object: a row of <c>LoadFromEnumerable</c>, or the input of a prediction engine.</summary>
/// <remarks>Mutable, as ML.NET fills it by its setters; not safe to change while another thread reads it.</remarks>
public sealed class Feedback
{
    /// <summary>The conversation up to the answer, and the answer: a JSON list of messages with <c>role</c> and <c>content</c>.</summary>
    public string Conversation { get; set; } = "";

    /// <summary>Whether the answer is a good one; scoring does not read it.</summary>
    public bool Label { get; set; }

    /// <summary>Makes a row from a user's prompt and an answer.</summary>
    /// <param name="prompt">What the user said.</param>
    /// <param name="answer">What the assistant answered.</param>
    /// <param name="isGood">The verdict: true for a thumb up.</param>
    /// <exception cref="ArgumentException">The prompt or the answer is blank.</exception>
    public static Feedback FromPrompt(string prompt, string answer, bool isGood)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(prompt);
        return FromPrompt([new ChatMessage(ChatRole.User, prompt)], answer, isGood);
    }

    /// <summary>Makes a row from a conversation so far and an answer to it.</summary>
    /// <param name="prompt">The messages that the answer follows, a system message among them or not; text only.</param>
    /// <param name="answer">What the assistant answered.</param>
    /// <param name="isGood">The verdict: true for a thumb up.</param>
    /// <exception cref="ArgumentException">There is no message, one holds something other than text or has a role that chat templates do not know, or the
    /// answer is blank.</exception>
    public static Feedback FromPrompt(IEnumerable<ChatMessage> prompt, string answer, bool isGood)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentException.ThrowIfNullOrWhiteSpace(answer);
        return new Feedback { Conversation = Data.PromptedAnswer.Write([.. prompt], answer, nameof(Conversation)), Label = isGood };
    }
}
