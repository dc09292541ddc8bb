using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;

/// <summary>A conversation that templates are tried on; the first letters of every content say whose it is.</summary>
/// <param name="Name">What it is.</param>
/// <param name="MessagesJson">The messages.</param>
/// <param name="ToolsJson">The tools, or none.</param>
internal sealed record TrialKind(string Name, string MessagesJson, string? ToolsJson = null)
{
    private const string Tools =
        """[{"type":"function","function":{"name":"ferry_times","description":"Zqd1 tells when ferries """ +
            """go.","parameters":{"type":"object","properties":{"port":{"type":"string","description":"Zqd2 the port name."}},"required":["port"]}}}]""";

    private static readonly (string, string) s_system = ("system", "Zqs1 be brief."), s_user = ("user", "Zqu1 where is the ferry?"),
        s_answer = ("assistant", "Zqa1 at the pier."),
        s_user2 = ("user", "Zqu2 when does it go?"), s_answer2 = ("assistant", "Zqa2 it goes at noon.");

    /// <summary>What rows of a file hold.</summary>
    public static IReadOnlyList<TrialKind> Usual { get; } =
    [
        Of("plain", s_user, s_answer),
        Of("multi", s_user, s_answer, s_user2, s_answer2),
        Of("three turns", s_user, s_answer, s_user2, s_answer2, ("user", "Zqu3 thank you."), ("assistant", "Zqa3 you are welcome.")),
        Of("system", s_system, s_user, s_answer),
        Of("system multi", s_system, s_user, s_answer, s_user2, s_answer2),
        Of("spaces first", s_user, ("assistant", "  Zqa1 at the pier.")),
        Of("lines around", s_user, ("assistant", "\n\nZqa1 at the pier.\n"), s_user2, ("assistant", "Zqa2 it goes at noon. \n\n")),
        Of("spaces around questions", ("user", " Zqu1 where is the ferry?\n"), s_answer, ("user", "\nZqu2 when does it go? "), s_answer2),
        Of("reasoning in the answer", s_user, ("assistant", "<think>\nZqr1 the pier is south.\n</think>\n\nZqa1 at the pier.")),
        new("reasoning apart",
            """[{"role":"user","content":"Zqu1 where is the ferry?"},{"role":"assistant","reasoning_content":"Zqr1 the pier is south.","content":"Zqa1 at """ +
            """the pier."}]"""),
        Of("json answer", s_user, ("assistant", "{\"x\": \"Zqa1 at the pier.\"}")),
        Of("ends with a question", s_user, s_answer, s_user2),
        Of("tools offered", s_user, s_answer) with { ToolsJson = Tools },
        Of("tools offered, multi", s_system, s_user, s_answer, s_user2, s_answer2) with { ToolsJson = Tools },
    ];

    /// <summary>Tool calls, for templates that write tools' messages.</summary>
    public static IReadOnlyList<TrialKind> ToolCalls { get; } =
        [new("tool call", Call("""{"port":"Zqc1 the north port."}"""), Tools),
        new("tool call, arguments as text", Call("\"{\\\"port\\\":\\\"Zqc1 the north port.\\\"}\""), Tools)];

    private static TrialKind Of(string name, params (string Role, string Content)[] messages) =>
        new(name, JsonSerializer.Serialize(messages.Select(message => new { role = message.Role, content = message.Content })));

    private static string Call(string arguments) =>
        """[{"role":"user","content":"Zqu1 where is the ferry?"},{"role":"assistant","content":"","tool_calls":[{"id":"abcdefgh1","type":"function","function":{"name":"ferry_times","arguments":ARG}}]},"""
            .Replace("ARG", arguments, StringComparison.Ordinal) +
        """{"role":"tool","name":"ferry_times","tool_call_id":"abcdefgh1","content":"Zqt1 at noon today."},{"role":"assistant","content":"Zqa2 it goes at """ +
            """noon."}]""";
}
