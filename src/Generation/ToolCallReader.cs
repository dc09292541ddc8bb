using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Reads calls of tools out of their JSON.</summary>
/// <param name="format">How the model writes them.</param>
/// <param name="known">The names of the only tools that can be called; <see langword="null"/> where a call is known by its marks.</param>
internal sealed class ToolCallReader(ToolCallFormat format, IReadOnlySet<string>? known)
{
    // some templates take identifiers of this kind only
    private const string IdCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 9;

    /// <summary>The calls; <see langword="null"/> where the text is none, or has anything that a call does not.</summary>
    /// <param name="json">One JSON value, or what is meant as such.</param>
    public IReadOnlyList<FunctionCallContent>? Read(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (format.IsList != (root.ValueKind == JsonValueKind.Array))
                return null;
            FunctionCallContent?[] calls = [.. format.IsList ? root.EnumerateArray().Select(Call) : [Call(root)]];
            return calls.Length == 0 || calls.Contains(null) ? null : [.. calls.OfType<FunctionCallContent>()];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string NewId() => RandomNumberGenerator.GetString(IdCharacters, IdLength);

    private static Dictionary<string, object?>? Arguments(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            Dictionary<string, object?> arguments = [];
            foreach (JsonProperty argument in value.EnumerateObject())
            {
                if (!arguments.TryAdd(argument.Name, argument.Value.ValueKind == JsonValueKind.Null ? null : argument.Value.Clone()))
                    return null;
            }
            return arguments;
        }
        if (value.ValueKind != JsonValueKind.String)
            return null;
        using JsonDocument text = JsonDocument.Parse(value.GetString()!); // an object as a text, as OpenAI's interface has it
        return text.RootElement.ValueKind == JsonValueKind.Object ? Arguments(text.RootElement) : null;
    }

    private FunctionCallContent? Call(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object)
            return null;
        string? name = null, id = null;
        Dictionary<string, object?>? arguments = null;
        foreach (JsonProperty property in call.EnumerateObject())
        {
            bool isText = property.Value.ValueKind == JsonValueKind.String;
            if (property.NameEquals(format.Name) && name is null && isText)
                name = property.Value.GetString();
            else if (property.NameEquals(format.Arguments) && arguments is null)
                arguments = Arguments(property.Value);
            else if (property.NameEquals("id") && id is null && isText)
                id = property.Value.GetString();
            else if (!(property.NameEquals("type") && isText && property.Value.GetString() == "function") && !format.OtherKeys.Contains(property.Name))
                return null;
        }
        return string.IsNullOrEmpty(name) || arguments is null || known?.Contains(name) == false ? null
            : new FunctionCallContent(string.IsNullOrEmpty(id) ? NewId() : id, name, arguments);
    }
}
