using System.Globalization;
using System.Numerics;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Python's <c>str</c> and <c>repr</c>.</summary>
internal static class PythonRepr
{
    /// <summary>What printing a value gives.</summary>
    public static string Text(RenderContext context, object? value) => value switch
    {
        string text => text,
        MarkupText markup => markup.Text,
        Undefined => "",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => Of(context, value),
    };

    /// <summary>What Python shows of a value inside a list.</summary>
    public static string Of(RenderContext context, object? value)
    {
        switch (value)
        {
            case null:
                return "None";
            case bool truth:
                return truth ? "True" : "False";
            case long number:
                return number.ToString(CultureInfo.InvariantCulture);
            case double number:
                return FloatText.Of(number);
            case BigInteger number:
                context.Step(64);
                return number.ToString(CultureInfo.InvariantCulture);
        }
        StringBuilder text = new();
        Write(context, text, value);
        context.ChargeText(text.Length);
        return text.ToString();
    }

    private static void Write(RenderContext context, StringBuilder text, object? value)
    {
        context.Enter();
        switch (value)
        {
            case string plain:
                WriteQuoted(text, plain);
                break;
            case MarkupText markup:
                text.Append("Markup(");
                WriteQuoted(text, markup.Text);
                text.Append(')');
                break;
            case JinjaList list:
                WriteItems(context, text, "[", list.Items, "]");
                break;
            case JinjaTuple tuple:
                WriteItems(context, text, "(", tuple.Items, tuple.Items.Length == 1 ? ",)" : ")");
                break;
            case JinjaDict dict:
                WriteEntries(context, text, dict.Entries);
                break;
            case DictView view:
                text.Append(TypeNames.Of(view)).Append('(');
                WriteItems(context, text, "[", Enumerable.Range(0, view.Dict.Count).Select(view.ItemAt), "]");
                text.Append(')');
                break;
            case JinjaRange range:
                text.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}").Append(range.Step == 1 ? "" : $", {range.Step}").Append(')');
                break;
            case Undefined:
                text.Append("Undefined");
                break;
            case JinjaObject other:
                other.Write(context, text);
                break;
            default:
                text.Append(Of(context, value));
                break;
        }
        context.RequireLength(text.Length);
        context.Leave();
    }

    private static void WriteItems(RenderContext context, StringBuilder text, string open, IEnumerable<object?> items, string close)
    {
        text.Append(open);
        string separator = "";
        foreach (object? item in items)
        {
            text.Append(separator);
            Write(context, text, item);
            separator = ", ";
        }
        text.Append(close);
    }

    /// <summary>Appends entries as a dict shows them.</summary>
    public static void WriteEntries(RenderContext context, StringBuilder text, IEnumerable<KeyValuePair<object?, object?>> entries)
    {
        string separator = "{";
        foreach ((object? key, object? value) in entries)
        {
            text.Append(separator);
            Write(context, text, key);
            text.Append(": ");
            Write(context, text, value);
            separator = ", ";
        }
        text.Append(separator == "{" ? "{}" : "}");
    }

    private static void WriteQuoted(StringBuilder text, string value)
    {
        char quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            int letter = c == '\\' || c == quote ? -1 : "\n\r\t".IndexOf(c, StringComparison.Ordinal);
            if (letter >= 0)
                text.Append('\\').Append("nrt"[letter]);
            else if (c is >= ' ' and <= '~')
                text.Append(c == '\\' || c == quote ? "\\" : "").Append(c);
            else
                i += WriteRune(text, value, i) - 1;
        }
        text.Append(quote);
    }

    // a code point beyond ASCII, as itself where Python finds it printable; returns its width
    private static int WriteRune(StringBuilder text, string value, int index)
    {
        int width = PythonText.WidthAt(value, index);
        int rune = width == 2 ? char.ConvertToUtf32(value, index) : value[index];
        if (IsPrintable(CharUnicodeInfo.GetUnicodeCategory(rune)))
            text.Append(value, index, width);
        else if (rune < 0x100)
            text.Append(CultureInfo.InvariantCulture, $"\\x{rune:x2}");
        else if (rune < 0x10000)
            text.Append(CultureInfo.InvariantCulture, $"\\u{rune:x4}");
        else
            text.Append(CultureInfo.InvariantCulture, $"\\U{rune:x8}");
        return width;
    }

    private static bool IsPrintable(UnicodeCategory category) => category is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
