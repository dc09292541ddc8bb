using System.Text.Json;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>A JSON object of a request, whose fields are taken one by one, so that in the end it is known which nobody took.</summary>
/// <remarks>A field that is null counts as one that is not there, as in OpenAI's interface.</remarks>
internal sealed class RequestFields
{
    private readonly Dictionary<string, JsonElement> _left = [];
    private readonly List<string> _known = [];
    private readonly string _path;

    /// <summary>Reads an object.</summary>
    /// <param name="element">The object; no name occurs twice in it.</param>
    /// <param name="path">Where it stands; empty for the whole request.</param>
    /// <exception cref="ApiException">It is no object.</exception>
    public RequestFields(JsonElement element, string path = "")
    {
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
            throw WrongKind(path.Length == 0 ? "the body" : path, "an object", element);
        foreach (JsonProperty property in element.EnumerateObject())
            _left[property.Name] = property.Value;
    }

    /// <summary>Where a field stands in the request.</summary>
    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    /// <summary>Takes a field of any kind; <see langword="null"/> where it is not there.</summary>
    public JsonElement? Take(string name)
    {
        _known.Add(name);
        return _left.Remove(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? Text(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } other => throw WrongKind(PathOf(name), "a string", other),
    };

    public string RequiredText(string name) => Text(name) ?? throw Faults.Missing(PathOf(name));

    public bool? Flag(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } other => throw WrongKind(PathOf(name), "true or false", other),
    };

    public long? Integer(string name, long least, long most)
    {
        if (Take(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number))
            throw WrongKind(PathOf(name), "an integer", value);
        if (number < least)
            throw Faults.Invalid(PathOf(name), $"'{PathOf(name)}' is {number}; it must be at least {least}.", "integer_below_min_value");
        if (number > most)
            throw Faults.Invalid(PathOf(name), $"'{PathOf(name)}' is {number}; it must be at most {most}.", "integer_above_max_value");
        return number;
    }

    public float? Number(string name, double least, double most)
    {
        if (Take(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number))
            throw WrongKind(PathOf(name), "a number", value);
        if (!(number >= least))
            throw Faults.Invalid(PathOf(name), $"'{PathOf(name)}' is {value}; it must be at least {least}.", "decimal_below_min_value");
        if (!(number <= most))
            throw Faults.Invalid(PathOf(name), $"'{PathOf(name)}' is {value}; it must be at most {most}.", "decimal_above_max_value");
        return (float)number;
    }

    public RequestFields? Object(string name) => Take(name) is { } value ? new RequestFields(value, PathOf(name)) : null;

    /// <summary>Takes a list; <see langword="null"/> where it is not there.</summary>
    /// <param name="name">The field.</param>
    /// <param name="most">The most entries.</param>
    public IReadOnlyList<JsonElement>? List(string name, int most)
    {
        if (Take(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw WrongKind(PathOf(name), "a list", value);
        if (value.GetArrayLength() > most)
        {
            throw Faults.Invalid(
                PathOf(name), $"'{PathOf(name)}' has {value.GetArrayLength()} entries; it may have {most}.", "array_above_max_length");
        }
        return [.. value.EnumerateArray()];
    }

    /// <summary>Takes a field that changes nothing, in the values in which it does.</summary>
    /// <param name="name">The field.</param>
    /// <param name="changesNothing">Which values those are.</param>
    /// <param name="reason">Why no other can be.</param>
    public void Accept(string name, Func<JsonElement, bool> changesNothing, string reason)
    {
        if (Take(name) is { } value && !changesNothing(value))
            throw Faults.Unsupported(PathOf(name), $"'{PathOf(name)}' is {Faults.Shortened(value.GetRawText())}: {reason}.");
    }

    /// <summary>Refuses the first of the fields that nobody took.</summary>
    /// <param name="refused">Why fields of OpenAI's are not done; the rest is unknown.</param>
    public void RefuseRest(IReadOnlyDictionary<string, string>? refused = null)
    {
        foreach ((string name, JsonElement value) in _left)
        {
            string path = Faults.Shortened(PathOf(name));
            if (refused?.GetValueOrDefault(name) is { } reason)
            {
                if (value.ValueKind != JsonValueKind.Null)
                    throw Faults.Unsupported(path, $"'{path}' is not done here: {reason}.", "unsupported_parameter");
                continue;
            }
            string near = NearestName.Of(name, _known) is { } nearest ? $" Is '{PathOf(nearest)}' meant?" : "";
            throw Faults.Invalid(path, $"'{path}' is no known field.{near}", "unknown_parameter");
        }
    }

    /// <summary>The error of a value of the wrong kind.</summary>
    public static ApiException WrongKind(string path, string right, JsonElement value) =>
        Faults.Invalid(path, $"'{path}' must be {right}, and is {Kind(value)}.", "invalid_type");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {Faults.Shortened(value.GetRawText())}",
        JsonValueKind.Null => "null",
        _ => value.GetRawText(),
    };
}
