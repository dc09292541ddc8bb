using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What a chat template writes around messages' contents, found by rendering conversations whose contents are recognizable.</summary>
/// <remarks>Each text ends before a think block, which belongs to an answer.</remarks>
internal sealed class TemplateFrames
{
    private const string Think = "<think>";

    private static readonly string[][] s_conversations =
    [
        ["user", "assistant"], ["user", "assistant", "user", "assistant"], ["system", "user", "assistant"],
            ["system", "user", "assistant", "user", "assistant"],
        ["user", "assistant", "tool", "assistant"],
    ];

    private readonly List<string> _beginnings = [];
    private readonly List<(string From, string To, string Text)> _changes = [];
    private readonly List<string> _endings = [];

    /// <summary>Looks at a template; what it refuses to render shows nothing.</summary>
    public TemplateFrames(ChatTemplate template)
    {
        foreach (string[] roles in s_conversations)
        {
            if (Render(template, roles, new ChatTemplateOptions()) is { } text)
                Look(roles, text);
        }

        if (Render(template, ["user"], new ChatTemplateOptions { AddGenerationPrompt = true }) is { } prompted
            && prompted.LastIndexOf(Content(0), StringComparison.Ordinal) is var asked and >= 0)
        {
            Prompt = BeforeThink(prompted[(asked + Content(0).Length)..]);
        }
    }

    /// <summary>What stands before the first message's content.</summary>
    public IReadOnlyList<string> Beginnings => _beginnings;

    /// <summary>What stands between the contents of two messages, and their roles.</summary>
    public IReadOnlyList<(string From, string To, string Text)> Changes => _changes;

    /// <summary>What stands behind the content of an answer that comes last.</summary>
    public IReadOnlyList<string> Endings => _endings;

    /// <summary>What stands between a user's content and the answer that is asked for.</summary>
    public string Prompt { get; } = "";

    /// <summary>All of these texts.</summary>
    public IEnumerable<string> All => [.. _beginnings, .. _changes.Select(change => change.Text), .. _endings,
        .. Prompt.Length > 0 ? [Prompt] : Array.Empty<string>()];

    private static string? Render(ChatTemplate template, string[] roles, ChatTemplateOptions options)
    {
        try
        {
            return template.Render(JsonSerializer.Serialize(
                roles.Select((role, i) => new { role, content = Content(i), name = "lookup", tool_call_id = "call00001" })), options);
        }
        catch (ChatTemplateException)
        {
            return null; // this model's conversations have no such messages
        }
    }

    private static string Content(int index) => $"Qj{(char)('A' + index)}xWv7z";

    private void Look(string[] roles, string text)
    {
        int from = 0, last = -1;
        for (int i = 0; i < roles.Length; i++)
        {
            int start = text.IndexOf(Content(i), from, StringComparison.Ordinal);
            if (start < 0)
                continue;
            string frame = BeforeThink(text[from..start]);
            if (last < 0)
                _beginnings.Add(frame);
            else if (last == i - 1)
                _changes.Add((roles[last], roles[i], frame));
            (from, last) = (start + Content(i).Length, i);
        }
        if (last == roles.Length - 1)
            _endings.Add(BeforeThink(text[from..]));
    }

    private static string BeforeThink(string text) => text.IndexOf(Think, StringComparison.Ordinal) is var at and >= 0 ? text[..at] : text;
}
