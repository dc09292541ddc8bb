using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What a chat template does with tools, found by rendering conversations whose contents are recognizable.</summary>
internal sealed class ToolProbe
{
    private const string Question = "Qu7ask", Answer = "Qc7said", Found = "Qr7found", Function = "Qn7lookup", Parameter = "Qp7key", Value = "Qk7value";
    private const string CallId = "qcall0001"; // nine letters and digits, as some templates ask for

    private static readonly string s_tools = new JsonArray(new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = Function,
            ["description"] = "Looks up.",
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { [Parameter] = new JsonObject { ["type"] = "string" } },
                ["required"] = new JsonArray(Parameter),
            },
        },
    }).ToJsonString();

    /// <summary>Looks at a template; what it refuses to render it does not write.</summary>
    public ToolProbe(ChatTemplate template)
    {
        string? asked = Render(template, User()), plain = Render(template, User(), Said()), called = Render(template, User(), Called());
        WritesTools = asked?.Contains(Function, StringComparison.Ordinal) == true;
        WritesCalls = called?.Contains(Value, StringComparison.Ordinal) == true;
        WritesResults = Render(template, User(), Called(), Result())?.Contains(Found, StringComparison.Ordinal) == true;
        WrittenCall = plain is null || called is null || !WritesCalls ? "" : Difference(plain, called);
        Format = Read(WrittenCall);
        ReadsReasoning = template.Source.Contains("reasoning_content", StringComparison.Ordinal);
    }

    /// <summary>Whether it tells the model which tools there are.</summary>
    public bool WritesTools { get; }

    /// <summary>Whether it writes the calls of earlier answers.</summary>
    public bool WritesCalls { get; }

    /// <summary>Whether it writes what the calls gave.</summary>
    public bool WritesResults { get; }

    /// <summary>A call as it writes it; empty where it writes none.</summary>
    public string WrittenCall { get; }

    /// <summary>How calls are written; <see langword="null"/> where they are not, or not as JSON.</summary>
    public ToolCallFormat? Format { get; }

    /// <summary>Whether it looks for an answer's reasoning in a field of its own.</summary>
    public bool ReadsReasoning { get; }

    private static JsonObject User() => new() { ["role"] = "user", ["content"] = Question };

    private static JsonObject Said() => new() { ["role"] = "assistant", ["content"] = Answer };

    private static JsonObject Called() => new()
    {
        ["role"] = "assistant",
        ["content"] = "",
        ["tool_calls"] = new JsonArray(new JsonObject
        {
            ["id"] = CallId,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = Function, ["arguments"] = new JsonObject { [Parameter] = Value } },
        }),
    };

    private static JsonObject Result() => new() { ["role"] = "tool", ["tool_call_id"] = CallId, ["name"] = Function, ["content"] = Found };

    private static string? Render(ChatTemplate template, params JsonObject[] messages)
    {
        try
        {
            return template.Render(new JsonArray([.. messages]).ToJsonString(), new ChatTemplateOptions { ToolsJson = s_tools });
        }
        catch (ChatTemplateException)
        {
            return null; // this model's conversations have no such messages
        }
    }

    /// <summary>What stands in a text where another one has something else.</summary>
    private static string Difference(string other, string text)
    {
        int start = text.AsSpan().CommonPrefixLength(other);
        int end = 0, most = Math.Min(text.Length, other.Length) - start;
        while (end < most && text[^(end + 1)] == other[^(end + 1)])
            end++;
        return text[start..^end].Trim();
    }

    private static ToolCallFormat? Read(string call)
    {
        int name = call.IndexOf($"\"{Function}\"", StringComparison.Ordinal), start = name < 0 ? -1 : call.LastIndexOf('{', name);
        if (start < 0 || First(call[start..], out int length) is not { } written)
            return null;
        using (written)
        {
            string? nameKey = null, argumentsKey = null;
            List<string> others = [];
            foreach (JsonProperty property in written.RootElement.EnumerateObject())
            {
                bool isText = property.Value.ValueKind == JsonValueKind.String;
                if (isText && property.Value.GetString() == Function)
                    nameKey = property.Name;
                else if (property.Value.GetRawText().Contains(Value, StringComparison.Ordinal))
                    argumentsKey = property.Name;
                else
                    others.Add(property.Name);
            }
            string open = call[..start].TrimEnd(), close = call[(start + length)..].TrimStart();
            bool isList = open.EndsWith('[') && close.StartsWith(']');
            if (isList)
                (open, close) = (open[..^1].TrimEnd(), close[1..].TrimStart());
            // an object around it, or text within it, would have to be read too
            bool isPlain = open.AsSpan().IndexOfAny('{', '"') < 0 && close.AsSpan().IndexOfAny('}', '"') < 0 && (open.Length > 0 || close.Length == 0);
            return nameKey is null || argumentsKey is null || !isPlain ? null : new ToolCallFormat(open, close, isList, nameKey, argumentsKey, others);
        }
    }

    private static JsonDocument? First(string text, out int length)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text));
        length = 0;
        try
        {
            JsonDocument value = JsonDocument.ParseValue(ref reader);
            length = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(0, (int)reader.BytesConsumed)).Length;
            return value;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
