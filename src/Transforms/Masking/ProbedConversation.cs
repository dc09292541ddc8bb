using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>A rendered conversation in symbols, and where its messages' contents stand.</summary>
internal sealed class ProbedConversation
{
    private ProbedConversation(int[] symbols, IReadOnlyList<ProbedMessage> messages)
    {
        Symbols = symbols;
        Messages = messages;
    }

    /// <summary>The whole text.</summary>
    public int[] Symbols { get; }

    /// <summary>The messages that the template writes, in the order of the text.</summary>
    public IReadOnlyList<ProbedMessage> Messages { get; }

    /// <summary>Renders a conversation of recognizable contents.</summary>
    /// <param name="roles">One letter for each message, as <see cref="TurnMarkerFinder"/> has them.</param>
    /// <param name="addGenerationPrompt">Whether a generation prompt ends it.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="template">The template.</param>
    /// <returns><see langword="null"/> where the template refuses it or writes nothing.</returns>
    public static ProbedConversation? Render(string roles, bool addGenerationPrompt, HuggingFaceTokenizer tokenizer, ConversationRenderer template)
    {
        var list = new JsonArray([.. roles.Select(Message)]);
        if (template(list.ToJsonString(), addGenerationPrompt) is not { Text.Length: > 0 } rendered) return null;
        string text = rendered.Text;
        var messages = new List<ProbedMessage>();
        for (int i = 0; i < roles.Length; i++)
        {
            int start = text.IndexOf(Content(i), StringComparison.Ordinal);
            // a content that is left out or comes twice tells nothing
            if (start < 0 || start != text.LastIndexOf(Content(i), StringComparison.Ordinal)) continue;
            int end = start + Content(i).Length;
            (int Start, int Length)? mark = rendered.GenerationSpans.Where(answer => answer.Start <= start && answer.Start + answer.Length >= end)
                .Select(answer => ((int, int)?)answer).FirstOrDefault();
            messages.Add(new ProbedMessage(
                roles[i], i, Symbol(start), Symbol(end), Symbol(mark?.Start ?? start), Symbol(mark?.Start + mark?.Length ?? end), mark is not null));
        }
        messages.Sort((one, other) => one.Start.CompareTo(other.Start));
        return new ProbedConversation(SymbolSequence.Of(text, tokenizer), messages);

        // symbols do not depend on what follows them, so those of a beginning are the beginning of those of the whole
        int Symbol(int position) => SymbolSequence.Of(text[..position], tokenizer).Length;
    }

    private static string Content(int index) => $"Qj{(char)('A' + index)}xWv7z";

    private static JsonNode Message(char role, int index) => role switch
    {
        'A' => new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = "",
            ["tool_calls"] = new JsonArray(new JsonObject
            {
                ["id"] = "call00001",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = "lookup", ["arguments"] = new JsonObject { ["key"] = Content(index) } },
            }),
        },
        't' => new JsonObject { ["role"] = "tool", ["name"] = "lookup", ["tool_call_id"] = "call00001", ["content"] = Content(index) },
        'f' => new JsonObject { ["role"] = "function", ["name"] = "lookup", ["content"] = Content(index) },
        _ => new JsonObject
        {
            ["role"] = role switch { 'u' => "user", 'a' => "assistant", 's' => "system", _ => "developer" },
            ["content"] = Content(index),
        },
    };
}
