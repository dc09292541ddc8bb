using System.Globalization;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>What the filters' <c>attribute</c> argument names: <c>"function.name"</c>, <c>"parts.0"</c>, or a number.</summary>
internal sealed class AttributePath
{
    private readonly object?[] _parts;

    private AttributePath(object?[] parts) => _parts = parts;

    public static AttributePath Parse(RenderContext context, object? attribute)
    {
        if (attribute is null)
            return new AttributePath([]);
        if (!PythonText.TryGet(attribute, out string? text))
            return new AttributePath([attribute]);
        context.ChargeText(text.Length);
        string[] parts = text.Split('.');
        context.ChargeItems(parts.Length);
        return new AttributePath(Array.ConvertAll(parts, part =>
            part.All(char.IsAsciiDigit) && long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : (object?)part));
    }

    /// <summary>Several paths, separated by commas.</summary>
    public static AttributePath[] ParseMany(RenderContext context, object? attribute)
    {
        if (!PythonText.TryGet(attribute, out string? text))
            return [Parse(context, attribute)];
        context.ChargeText(text.Length);
        return Array.ConvertAll(text.Split(','), part => Parse(context, part));
    }

    /// <summary>The value at the path; <paramref name="missing"/>, if given, stands in for what is undefined on the way.</summary>
    public object? Get(RenderContext context, object? item, object? missing = null)
    {
        foreach (object? part in _parts)
        {
            context.Step();
            item = Attributes.GetItem(context, item, part);
            if (item is Undefined && missing is not null)
                item = missing;
        }
        return item;
    }
}
