using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>A JSON value that may lack anything or be of another form, as files of other versions are.</summary>
/// <param name="Element">The value; <see langword="null"/> where there is none.</param>
internal readonly record struct JsonView(JsonElement? Element)
{
    /// <summary>Whether there is one.</summary>
    public bool Exists => Element is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    /// <summary>A property.</summary>
    public JsonView this[string name] =>
        Element is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out JsonElement value) ? new JsonView(value) : default;

    /// <summary>The items of an array; none of anything else.</summary>
    public IEnumerable<JsonView> Items => Element is { ValueKind: JsonValueKind.Array } element
        ? element.EnumerateArray().Select(item => new JsonView(item)) : [];

    /// <summary>The properties of an object; none of anything else.</summary>
    public IEnumerable<(string Name, JsonView Value)> Properties => Element is { ValueKind: JsonValueKind.Object } element
        ? element.EnumerateObject().Select(property => (property.Name, new JsonView(property.Value))) : [];

    /// <summary>A text as it is, and anything else as it is written; <see langword="null"/> for none.</summary>
    public string? Text => !Exists ? null : Element!.Value.ValueKind == JsonValueKind.String ? SafeText(Element.Value) : Element.Value.GetRawText();

    /// <summary>A number, also one that JSON does not have and is written as text; <see langword="null"/> for anything else.</summary>
    public double? Number => Element switch
    {
        { ValueKind: JsonValueKind.Number } element => element.TryGetDouble(out double number) ? number : null,
        { ValueKind: JsonValueKind.String } => Text switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => null,
        },
        _ => null,
    };

    /// <summary>A number with separators, or whatever else is there.</summary>
    public string? Count => Number is { } number && double.IsFinite(number) && number == Math.Floor(number)
        ? number.ToString("N0", CultureInfo.InvariantCulture)
        : Text;

    /// <summary>Whether it is true.</summary>
    public bool IsTrue => Element is { ValueKind: JsonValueKind.True };

    // half of a pair of surrogates is no text
    private static string SafeText(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return element.GetRawText();
        }
    }
}
