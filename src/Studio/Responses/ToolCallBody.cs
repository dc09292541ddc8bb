using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A call of a tool.</summary>
/// <param name="Index">Its place among the calls of the answer, in a stream.</param>
/// <param name="Id">What its result is to be given with.</param>
/// <param name="Type">Always <c>function</c>.</param>
/// <param name="Function">What is called.</param>
internal sealed record ToolCallBody(int? Index, string Id, string Type, FunctionBody Function)
{
    private static readonly JsonTypeInfo s_arguments = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = false,
    }.GetTypeInfo(typeof(IDictionary<string, object?>));

    /// <summary>A call as clients get it.</summary>
    public static ToolCallBody Of(FunctionCallContent call, int? index) => new(index, call.CallId, "function",
        new FunctionBody(call.Name, JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), s_arguments)));
}
