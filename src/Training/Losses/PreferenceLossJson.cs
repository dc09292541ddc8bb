using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>A loss as an object of its name and its parameters.</summary>
internal sealed class PreferenceLossJson : JsonConverter<PreferenceLoss>
{
    private const string NameKey = "Name";

    private static readonly Dictionary<string, Type> s_kinds = typeof(PreferenceLoss).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(PreferenceLoss))).ToDictionary(PreferenceLoss.NameOf);

    /// <inheritdoc />
    public override PreferenceLoss Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"A loss must be an object with a {NameKey}.");
        JsonObject values = JsonSerializer.Deserialize<JsonObject>(ref reader, options)!;
        string? name = values[NameKey] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        if (name is null || !s_kinds.TryGetValue(name, out Type? kind))
            throw new JsonException($"There is no loss named '{name}'; there are {string.Join(", ", s_kinds.Keys.Order(StringComparer.Ordinal))}.");
        values.Remove(NameKey);
        try
        {
            return (PreferenceLoss)values.Deserialize(kind, options)!;
        }
        catch (ArgumentException fault)
        {
            throw new JsonException($"Loss {name}: {fault.Message}", fault);
        }
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, PreferenceLoss value, JsonSerializerOptions options)
    {
        JsonObject values = (JsonObject)JsonSerializer.SerializeToNode(value, value.GetType(), options)!;
        values.Insert(0, NameKey, value.Name);
        values.WriteTo(writer, options);
    }
}
