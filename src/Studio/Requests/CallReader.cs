using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>Reads the calls of tools that an earlier answer made.</summary>
internal static class CallReader
{
    private const int MostCalls = 128;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = RequestBody.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Takes the calls of a message; none where it has none.</summary>
    /// <exception cref="ApiException">One is malformed.</exception>
    public static IReadOnlyList<FunctionCallContent> Read(RequestFields message)
    {
        IReadOnlyList<JsonElement> list = message.List("tool_calls", MostCalls) ?? [];
        List<FunctionCallContent> calls = [];
        for (int i = 0; i < list.Count; i++)
        {
            RequestFields call = new(list[i], $"{message.PathOf("tool_calls")}[{i}]");
            string id = call.RequiredText("id"), type = call.Text("type") ?? "function";
            if (type != "function")
                throw Faults.Unsupported(call.PathOf("type"), $"'{call.PathOf("type")}' is '{Faults.Shortened(type)}'; tools are functions here.");
            if (calls.Any(other => other.CallId == id))
                throw Faults.Invalid(call.PathOf("id"), $"'{call.PathOf("id")}' is '{Faults.Shortened(id)}', which another call of the message has.");
            call.Accept("index", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int index) && index == i,
                "it must be the call's place"); // what is put together from a stream still has it
            RequestFields function = call.Object("function") ?? throw Faults.Missing(call.PathOf("function"));
            call.RefuseRest();
            string name = function.RequiredText("name");
            calls.Add(new FunctionCallContent(id, name, Arguments(function.RequiredText("arguments"), function.PathOf("arguments"))));
            function.RefuseRest();
        }
        return calls;
    }

    private static Dictionary<string, object?> Arguments(string json, string path)
    {
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            using JsonDocument document = JsonDocument.Parse(bytes, s_json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && RequestText.FirstBroken(bytes) is null)
            {
                return document.RootElement.EnumerateObject().ToDictionary(
                    argument => argument.Name, argument => argument.Value.ValueKind == JsonValueKind.Null ? null : (object?)argument.Value.Clone());
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter for names with half of a surrogate pair
        {
        }
        throw Faults.Invalid(path, $"'{path}' must be a string that holds a JSON object.");
    }
}
