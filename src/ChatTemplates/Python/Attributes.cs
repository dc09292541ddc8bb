using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Jinja's <c>value.name</c> and <c>value[key]</c>: both look for attributes and items, in different order.</summary>
internal static class Attributes
{
    private static readonly HashSet<string> s_numberAttributes =
    [
        "real", "imag", "numerator", "denominator", "conjugate", "bit_length", "bit_count", "to_bytes", "from_bytes",
        "as_integer_ratio", "is_integer", "hex", "fromhex",
    ];

    /// <summary><c>value.name</c>: the attribute, else the item, else undefined.</summary>
    public static object? Get(RenderContext context, object? value, string name)
    {
        object? attribute = Attribute(context, value, name);
        if (attribute is not Missing)
            return attribute;
        return value is JinjaDict dict && dict.TryGet(name, out object? item) ? item : Undefined.Attribute(value, name);
    }

    /// <summary><c>value[key]</c>: the item, else the attribute, else undefined.</summary>
    public static object? GetItem(RenderContext context, object? value, object? key)
    {
        object? item = Item(context, value, key);
        if (item is not Missing)
            return item;
        object? attribute = PythonText.TryGet(key, out string? name) ? Attribute(context, value, name) : Missing.Value;
        return attribute is not Missing ? attribute : Undefined.Attribute(value, key);
    }

    /// <summary>The value of an attribute, or <see cref="Missing.Value"/>.</summary>
    public static object? Attribute(RenderContext context, object? value, string name)
    {
        if (value is Undefined undefined)
            throw undefined.Error(context);
        if (name.StartsWith('_') && value is not JinjaObject { HasPrivateNames: true }
            && (value is not JinjaDict || name.StartsWith("__", StringComparison.Ordinal)))
        {
            throw context.Error($"access to attribute '{name}' of '{TypeNames.Of(value)}' object is unsafe.");
        }

        if (MethodTable.Find(value, name) is { } method)
            return Bound(value!, method);
        switch (value)
        {
            case JinjaObject other:
                return other.Attribute(context, name);
            case JinjaGroup group:
                return name switch { "grouper" => group.Grouper, "list" => group.List, _ => Missing.Value };
            case JinjaRange range:
                return name switch { "start" => range.Start, "stop" => range.Stop, "step" => range.Step, _ => Missing.Value };
        }
        if (PythonNumber.IsNumber(value) && s_numberAttributes.Contains(name))
            throw context.Error($"attribute '{name}' of '{TypeNames.Of(value)}' object is not supported");
        return MethodTable.IsRefused(value, name)
            ? Undefined.Because($"access to attribute '{name}' of '{TypeNames.Of(value)}' object is unsafe.")
            : Missing.Value;
    }

    // apart, so that only a method that is read as a value costs an object
    private static BuiltinFunction Bound(object value, Method method) => new(method.Name, (context, arguments) => method.Body(context, value, arguments));

    private static object? Item(RenderContext context, object? value, object? key)
    {
        switch (value)
        {
            case Undefined undefined:
                throw undefined.Error(context);
            case JinjaDict dict:
                return key is not (JinjaList or JinjaDict) && dict.TryGet(HashKey.Of(context, key), out object? item) ? item : Missing.Value;
            case JinjaSequence sequence:
                long at = Index(key, sequence.Items.Length);
                return at >= 0 ? sequence.Items[at] : Missing.Value;
            case JinjaRange range:
                long number = Index(key, range.Count);
                return number >= 0 ? range.ItemAt(number) : Missing.Value;
            case string or MarkupText:
                PythonText.TryGet(value, out string? text);
                return Character(context, value, text!, key);
            default:
                return Missing.Value;
        }
    }

    private static object? Character(RenderContext context, object value, string text, object? key)
    {
        if (!PythonNumber.TryGetLong(key, out _))
            return Missing.Value;
        context.Scan(text.Length);
        long at = Index(key, PythonText.Length(text));
        if (at < 0)
            return Missing.Value;
        int index = PythonText.IndexOfCodePoint(text, at);
        return PythonText.Like(value, PythonText.WidthAt(text, index) == 1 ? PythonText.Single(text[index]) : text.Substring(index, 2));
    }

    private static long Index(object? key, long length)
    {
        if (!PythonNumber.TryGetLong(key, out long index))
            return -1;
        if (index < 0)
            index += length;
        return index < length ? index : -1;
    }
}
