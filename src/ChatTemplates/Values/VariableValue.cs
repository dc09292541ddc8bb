using System.Collections;
using System.Numerics;
using System.Text.Json;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>Turns the values of .NET that callers give into the values that templates work with.</summary>
internal static class VariableValue
{
    private const int MaxDepth = 128;

    public static object? Convert(string name, object? value, int depth = 0)
    {
        if (depth > MaxDepth)
            throw new ArgumentException($"the variable '{name}' nests deeper than {MaxDepth} levels");
        return value switch
        {
            null or bool or string or double or long or JinjaSequence or JinjaDict => value,
            sbyte or byte or short or ushort or int or uint => System.Convert.ToInt64(value, null),
            ulong number => PythonNumber.Normalize(number),
            BigInteger number => PythonNumber.Normalize(number),
            float number => (double)number,
            JsonElement element => JsonValues.Parse(element.GetRawText(), $"the variable '{name}'"),
            IEnumerable<KeyValuePair<string, object?>> pairs => Dict(name, pairs, depth),
            IEnumerable<KeyValuePair<string, string>> pairs => Dict(name, pairs.Select(pair => new KeyValuePair<string, object?>(pair.Key, pair.Value)), depth),
            IDictionary => throw Unknown(name, value),
            IEnumerable items => new JinjaList([.. items.Cast<object?>().Select(item => Convert(name, item, depth + 1))]),
            _ => throw Unknown(name, value),
        };
    }

    private static JinjaDict Dict(string name, IEnumerable<KeyValuePair<string, object?>> pairs, int depth)
    {
        JinjaDict dict = new();
        foreach ((string key, object? item) in pairs)
            dict.Set(key, Convert(name, item, depth + 1));
        return dict;
    }

    private static ArgumentException Unknown(string name, object value) => new(
        $"the variable '{name}' has a value of type {value.GetType()}; "
        + "it can be null, bool, a number, string, JsonElement, a dictionary with strings as keys, or a list of these");
}
