using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A piece of an answer in a conversation.</summary>
internal sealed record ChatChunk(
    string Id, string Object, long Created, string Model, IReadOnlyList<ChatChunkChoice> Choices,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] UsageField Usage);
