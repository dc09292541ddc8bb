using System.Globalization;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>"{}".format(value)</c>; nested fields and the types <c>e g c n</c> are not supported.</summary>
internal static class BraceFormat
{
    public static string Apply(RenderContext context, string format, CallArguments arguments)
    {
        StringBuilder text = new();
        int automatic = 0;
        for (int i = 0; i < format.Length; i++)
        {
            context.RequireLength(text.Length);
            context.Step();
            char c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
            {
                i++;
            }
            else if (c == '}')
            {
                throw context.Error("Single '}' encountered in format string");
            }
            else if (c == '{')
            {
                int end = format.IndexOf('}', i);
                if (end < 0)
                    throw context.Error(i + 1 < format.Length ? "expected '}' before end of string" : "Single '{' encountered in format string");
                text.Append(Field(context, format[(i + 1)..end], arguments, ref automatic));
                i = end;
                continue;
            }
            text.Append(c);
        }
        context.ChargeText(text.Length);
        return text.ToString();
    }

    private static string Field(RenderContext context, string field, CallArguments arguments, ref int automatic)
    {
        if (field.Contains('{', StringComparison.Ordinal))
            throw context.Error("fields within fields of a format are not supported");
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        string spec = colon < 0 ? "" : field[(colon + 1)..];
        string name = colon < 0 ? field : field[..colon];
        int mark = name.IndexOf('!', StringComparison.Ordinal);
        string conversion = mark < 0 ? "" : name[(mark + 1)..];
        object? value = Lookup(context, mark < 0 ? name : name[..mark], arguments, ref automatic);
        value = conversion switch
        {
            "" => value,
            "s" => PythonRepr.Text(context, value),
            "r" => PythonRepr.Of(context, value),
            _ => throw context.Error($"the conversion '!{conversion}' of a format is not supported; it can be !s or !r"),
        };
        return spec.Length == 0 ? PythonRepr.Text(context, value) : Layout(context, spec, value);
    }

    private static object? Lookup(RenderContext context, string path, CallArguments arguments, ref int automatic)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? path : path[..end];
        object? value;
        if (first.Length == 0 || int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            if (first.Length == 0 ? automatic < 0 : automatic > 0)
                throw context.Error("cannot mix automatic field numbering with manual field specification");
            int number = first.Length == 0 ? automatic++ : int.Parse(first, CultureInfo.InvariantCulture);
            automatic = first.Length == 0 ? automatic : -1;
            if (number >= arguments.Positional.Length)
                throw context.Error($"Replacement index {number} out of range for positional args tuple");
            value = arguments.Positional[number];
        }
        else
        {
            value = Array.Find(arguments.Keywords, pair => pair.Key == first) is { Key: not null } pair
                ? pair.Value
                : throw context.Error($"the format's field '{first}' is not among the arguments");
        }
        while (end >= 0 && end < path.Length)
            value = Step(context, path, ref end, value);
        return value;
    }

    private static object? Step(RenderContext context, string path, ref int at, object? value)
    {
        if (path[at] == '.')
        {
            int next = path.AsSpan(at + 1).IndexOfAny('.', '[');
            string name = next < 0 ? path[(at + 1)..] : path.Substring(at + 1, next);
            at = next < 0 ? path.Length : at + 1 + next;
            return Attributes.Get(context, value, name);
        }
        int close = path.IndexOf(']', at);
        if (path[at] != '[' || close < 0)
            throw context.Error($"the format's field '{path}' is malformed");
        string key = path[(at + 1)..close];
        at = close + 1;
        return Attributes.GetItem(context, value, long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : key);
    }

    // [[fill]align][sign][#][0][width][grouping][.precision][type]
    private static string Layout(RenderContext context, string spec, object? value)
    {
        bool isText = PythonText.TryGet(value, out string? text);
        FormatField field = new() { Align = isText ? '<' : '>' };
        int i = 0;
        if (spec.Length > 1 && "<>^=".Contains(spec[1], StringComparison.Ordinal))
            (field, i) = (field with { Fill = spec[0], Align = spec[1] }, 2);
        else if ("<>^=".Contains(spec[0], StringComparison.Ordinal))
            (field, i) = (field with { Align = spec[0] }, 1);
        bool aligned = i > 0;
        if (i < spec.Length && spec[i] is '+' or '-' or ' ')
            field = field with { Sign = spec[i++] };
        if (i < spec.Length && spec[i] == '#')
            (field, i) = (field with { Prefix = true }, i + 1);
        if (i < spec.Length && spec[i] == '0' && !aligned)
            field = field with { Fill = '0', Align = isText ? '<' : '=' };
        field = field with { Width = FormatField.ReadNumber(context, spec, ref i, 0) };
        if (i < spec.Length && spec[i] is ',' or '_')
            field = field with { Grouping = spec[i++] };
        if (i < spec.Length && spec[i] == '.')
        {
            i++;
            field = field with { Precision = FormatField.ReadNumber(context, spec, ref i, -1) };
        }
        string type = spec[i..];
        if (field.Grouping != '\0' && field is { Fill: '0', Align: '=' })
            throw context.Error($"the format '{spec}' pads grouped digits with zeros, which is not supported");
        return (type, value) switch
        {
            ("" or "s", _) when isText && field is { Sign: '-', Prefix: false, Grouping: '\0', Align: not '=' } => field.Text(text!),
            ("d" or "x" or "X" or "b", _) when IsPlainInteger(field, value) && (type == "d" || field.Grouping != ',') =>
                field.Integer(PythonNumber.ToBig(value), type[0]),
            ("", _) when IsPlainInteger(field, value) => field.Integer(PythonNumber.ToBig(value), 'd'),
            ("", double number) when field is { Precision: < 0, Grouping: '\0' } => field.Shortest(number),
            ("f" or "F", _) when PythonNumber.IsNumber(value) && !field.Prefix => field.Fixed(context, PythonNumber.ToDouble(context, value)),
            ("%", _) when PythonNumber.IsNumber(value) && !field.Prefix => field.Fixed(context, PythonNumber.ToDouble(context, value) * 100, "%"),
            _ => throw context.Error($"the format '{spec}' for a value of type '{TypeNames.Of(value)}' is not supported"),
        };
    }

    private static bool IsPlainInteger(FormatField field, object? value) => PythonNumber.IsInteger(value) && field.Precision < 0;
}
