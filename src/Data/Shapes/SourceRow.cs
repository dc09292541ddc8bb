using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A row's fields, and which of them have been read.</summary>
internal sealed class SourceRow
{
    private readonly List<(string Name, JsonElement Value)> _fields = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <param name="root">The row's object.</param>
    /// <param name="ignored">Fields that the options leave out.</param>
    /// <param name="at">The line's place.</param>
    /// <exception cref="PreferenceDataException">A field occurs twice.</exception>
    public SourceRow(JsonElement root, IReadOnlyCollection<string> ignored, LineLocation at)
    {
        At = at;
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw at.Fault(BadRowReason.RepeatedField, property.Name, $"'{Excerpt.Of(property.Name)}' occurs twice; keep the one that is meant.");
            if (!ignored.Contains(property.Name))
                _fields.Add((property.Name, property.Value));
        }
    }

    /// <summary>The line's place.</summary>
    public LineLocation At { get; }

    /// <summary>The names of the row's fields, for errors.</summary>
    public string Names => FieldNames.List(_fields.Select(entry => entry.Name));

    /// <summary>The fields that say something and that nothing has read.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Rest => _fields.Where(entry => !_taken.Contains(entry.Name) && IsFilled(entry.Value));

    /// <summary>The fields that have been read.</summary>
    public IEnumerable<JsonElement> Taken => _fields.Where(entry => _taken.Contains(entry.Name)).Select(entry => entry.Value);

    /// <summary>Whether the row names a field that nothing has read, be it with null.</summary>
    public bool IsNamed(string name) => Find(name) is not null;

    /// <summary>Whether the row names a field, read or not.</summary>
    public bool WasNamed(string name) => _fields.Any(field => field.Name == name);

    /// <summary>Whether a field is a string that holds a list or an object.</summary>
    public bool IsStoredText(string name) =>
        Find(name) is { ValueKind: JsonValueKind.String } && Peek(name).ValueKind is JsonValueKind.Array or JsonValueKind.Object;

    /// <summary>Whether a field that nothing has read says something: not null, not blank, not empty.</summary>
    public bool Has(string name) => Find(name) is { } value && IsFilled(value);

    /// <summary>Whether a field says something in a string that holds no list.</summary>
    public bool HasText(string name) => Has(name) && Peek(name).ValueKind == JsonValueKind.String;

    /// <summary>Whether a field holds a list, be it in a string.</summary>
    public bool HasList(string name) => Has(name) && Peek(name).ValueKind == JsonValueKind.Array;

    /// <summary>Whether a field holds a list of messages, be it in a string.</summary>
    public bool HasMessages(string name) => HasList(name) && Peek(name).EnumerateArray().All(SourceMessages.IsMessage);

    /// <summary>A field's value, a list or an object out of the string that holds it.</summary>
    public JsonElement Peek(string name)
    {
        JsonElement value = Find(name) ?? default;
        return value.ValueKind == JsonValueKind.String
            && StoredText.Find(value.GetString()!) is { ValueKind: JsonValueKind.Array or JsonValueKind.Object } stored
            ? stored
            : value;
    }

    /// <summary>A field's value, a list or an object out of the string that holds it; the field counts as read.</summary>
    public JsonElement TakeStored(string name)
    {
        JsonElement value = Peek(name);
        _taken.Add(name);
        return value;
    }

    /// <summary>A field's value as it stands in the row; the field counts as read.</summary>
    public JsonElement TakeRaw(string name)
    {
        JsonElement value = Find(name) ?? default;
        _taken.Add(name);
        return value;
    }

    /// <summary>What a field says; the field counts as read.</summary>
    public SourceValue Take(string name)
    {
        return SourceValue.Read(TakeRaw(name), name, At);
    }

    /// <summary>A field's number, be it in a string; the field counts as read. Null where it is none.</summary>
    public double? TakeNumber(string name)
    {
        JsonElement? value = Find(name);
        _taken.Add(name);
        return value is { } given ? Numbers.Read(given) : null;
    }

    /// <summary>Refuses a row that lacks a field which the options name.</summary>
    /// <exception cref="PreferenceDataException">The row does not name the field.</exception>
    public void Require(string name, string option)
    {
        if (!IsNamed(name))
            throw At.Fault(BadRowReason.MissingField, name, $"'{name}' is missing; the option {option} names it, and the row has {Names}.");
    }

    /// <summary>Whether a value says something.</summary>
    public static bool IsFilled(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => false,
        JsonValueKind.String => !string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };

    private JsonElement? Find(string name)
    {
        foreach ((string field, JsonElement value) in _fields)
        {
            if (field == name && !_taken.Contains(field))
                return value;
        }
        return null;
    }
}
