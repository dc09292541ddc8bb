using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>The usage in a piece of a stream: not there unless it was asked for, and null in all pieces but the last.</summary>
/// <param name="IsShown">Whether it was asked for.</param>
/// <param name="Value">The usage, in the last piece.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct UsageField(bool IsShown, Usage? Value)
{
    internal sealed class Converter : JsonConverter<UsageField>
    {
        public override UsageField Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, UsageField value, JsonSerializerOptions options)
        {
            if (value.Value is { } usage)
                JsonSerializer.Serialize(writer, usage, AnswerJson.Plain.Usage);
            else
                writer.WriteNullValue();
        }
    }
}
