using System.Text.Json.Nodes;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>The messages of conversations that a template is tried on; their contents are recognizable.</summary>
/// <remarks>
/// The letters: u user, s system, d developer, t tool, f function; an assistant's: a plain, A a tool call, B a text and a tool call, R reasoning in a field of
/// its own, k reasoning in the content.
/// </remarks>
internal static class ProbeMessages
{
    /// <summary>The letters of messages that the assistant writes.</summary>
    public const string Answers = "aABRk";

    private const string FunctionName = "Qn7lookup";
    private const string CallId = "qcall0001";
    private const string Parameter = "Qp7key";
    private const string Description = "Qd7about";

    private static readonly (string Before, string After)[] s_paddings = [("", ""), ("  ", "\n"), ("\n\n", " \n\n"), (" \n ", "  "), ("\n", "\n")];

    /// <summary>How many kinds of white space around contents there are, none among them.</summary>
    public static int Paddings => s_paddings.Length;

    /// <summary>Texts that depend on the conversation, though no message's content has them.</summary>
    public static IReadOnlyList<string> Variables { get; } = [FunctionName, CallId, Parameter, Description];

    /// <summary>The tools of a conversation that has some.</summary>
    public static string ToolsJson { get; } = new JsonArray(new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = FunctionName,
            ["description"] = Description,
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { [Parameter] = new JsonObject { ["type"] = "string", ["description"] = Description } },
                ["required"] = new JsonArray(Parameter),
            },
        },
    }).ToJsonString();

    /// <summary>Whether a message is the assistant's.</summary>
    public static bool IsAnswer(char role) => Answers.Contains(role, StringComparison.Ordinal);

    /// <summary>A letter in words.</summary>
    public static string NameOf(char role) => role switch
    {
        'u' => "user",
        's' => "system",
        'd' => "developer",
        't' => "tool",
        'f' => "function",
        'A' => "assistant with a tool call",
        'B' => "assistant with a text and a tool call",
        'R' or 'k' => "assistant with reasoning",
        _ => "assistant",
    };

    /// <summary>The texts that tell a message, in the order in which they are likely to stand.</summary>
    public static IReadOnlyList<string> CoresOf(char role, int index) => role switch
    {
        'B' => [Text(index), Arguments(index)],
        'A' => [Arguments(index)],
        'R' or 'k' => [Reasoning(index), Text(index)],
        _ => [Text(index)],
    };

    /// <summary>The messages as JSON.</summary>
    /// <param name="probe">The conversation.</param>
    /// <param name="hasTextArguments">Whether a tool call's arguments are a JSON text instead of an object, as some templates take them.</param>
    public static string Json(Probe probe, bool hasTextArguments) =>
        new JsonArray([.. probe.Roles.Select((role, i) => (JsonNode)Message(role, i, s_paddings[probe.Padding], hasTextArguments))]).ToJsonString();

    private static string Text(int index) => $"Qj{Letter(index)}xWv7z";

    private static string Arguments(int index) => $"Qk{Letter(index)}xWv7z";

    private static string Reasoning(int index) => $"Qr{Letter(index)}xWv7z";

    private static char Letter(int index) => (char)('A' + index);

    private static JsonObject Message(char role, int index, (string Before, string After) padding, bool hasTextArguments)
    {
        string content = padding.Before + Text(index) + padding.After;
        switch (role)
        {
            case 'A' or 'B':
                JsonObject arguments = new() { [Parameter] = Arguments(index) };
                return new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = role == 'A' ? "" : content,
                    ["tool_calls"] = new JsonArray(new JsonObject
                    {
                        ["id"] = CallId,
                        ["type"] = "function",
                        ["function"] = new JsonObject { ["name"] = FunctionName, ["arguments"] = hasTextArguments ? arguments.ToJsonString() : arguments },
                    }),
                };
            case 't':
                return new JsonObject { ["role"] = "tool", ["name"] = FunctionName, ["tool_call_id"] = CallId, ["content"] = content };
            case 'f':
                return new JsonObject { ["role"] = "function", ["name"] = FunctionName, ["content"] = content };
            case 'R':
                return new JsonObject { ["role"] = "assistant", ["reasoning_content"] = Reasoning(index), ["content"] = content };
            case 'k':
                return new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = $"{ThinkBlocks.Opening}\n{Reasoning(index)}\n</think>\n\n{content.TrimStart('\n')}"
                };
            default:
                return new JsonObject
                {
                    ["role"] = role switch { 'u' => "user", 'a' => "assistant", 's' => "system", _ => "developer" },
                    ["content"] = content
                };
        }
    }
}
