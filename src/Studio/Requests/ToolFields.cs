using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>The fields that say what the model may call.</summary>
internal static class ToolFields
{
    private const int MostTools = 128;
    private const int LongestName = 64;

    /// <summary>Takes them.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="options">Gets the tools; without any, what looks like a call is text.</param>
    /// <exception cref="ApiException">They are malformed, or ask for what cannot be promised.</exception>
    public static void Read(RequestFields fields, ChatOptions options)
    {
        IReadOnlyList<JsonElement> tools = fields.List("tools", MostTools) ?? [];
        HashSet<string> names = [];
        List<AITool> read = [];
        for (int i = 0; i < tools.Count; i++)
        {
            AIFunctionDeclaration tool = Tool(new RequestFields(tools[i], $"tools[{i}]"));
            if (!names.Add(tool.Name))
                throw Faults.Invalid($"tools[{i}].function.name", $"'tools[{i}].function.name' is '{tool.Name}', which an earlier tool has.");
            read.Add(tool);
        }
        if (read.Count > 0)
            options.Tools = read;
        options.ToolMode = Mode(fields.Take("tool_choice"), read.Count > 0);
        // true is what holds without it; without tools there is no call at all
        if (fields.Flag("parallel_tool_calls") == false && read.Count > 0)
            options.AllowMultipleToolCalls = false;
    }

    private static ChatToolMode? Mode(JsonElement? choice, bool hasTools)
    {
        if (choice is { } value && !HabitualFields.Is(value, "auto") && !HabitualFields.Is(value, "none"))
        {
            throw value.ValueKind is JsonValueKind.Object || HabitualFields.Is(value, "required")
                ? Faults.Unsupported("tool_choice", "The model writes what it will, so no call can be required: 'tool_choice' can be 'auto' or 'none'.")
                : Faults.Invalid("tool_choice", "'tool_choice' can be 'auto' or 'none'.");
        }
        bool none = choice is { } given && HabitualFields.Is(given, "none");
        return none || !hasTools ? ChatToolMode.None : null;
    }

    private static AIFunctionDeclaration Tool(RequestFields tool)
    {
        string type = tool.RequiredText("type");
        if (type != "function")
            throw Faults.Unsupported(tool.PathOf("type"), $"'{tool.PathOf("type")}' is '{Faults.Shortened(type)}'; tools are functions here.");
        RequestFields function = tool.Object("function") ?? throw Faults.Missing(tool.PathOf("function"));
        tool.RefuseRest();
        string name = function.RequiredText("name"), description = function.Text("description") ?? "";
        if (name.Length is 0 or > LongestName || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
        {
            throw Faults.Invalid(function.PathOf("name"),
                $"'{function.PathOf("name")}' is '{Faults.Shortened(name)}'; it must be 1 to {LongestName} letters, digits, '_' and '-'.");
        }
        JsonElement parameters = function.Take("parameters") ?? default;
        if (parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
            throw RequestFields.WrongKind(function.PathOf("parameters"), "an object (a JSON schema)", parameters);
        function.Accept("strict", value => value.ValueKind == JsonValueKind.False, "it cannot be promised that a call fits its schema");
        function.RefuseRest();
        return AIFunctionFactory.CreateDeclaration(name, description, parameters.ValueKind == JsonValueKind.Object ? parameters.Clone() : parameters);
    }
}
