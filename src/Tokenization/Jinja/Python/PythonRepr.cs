using System.Globalization;
using System.Numerics;
using System.Text;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;

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
            case JinjaNamespace names:
                text.Append("<Namespace ");
                WriteEntries(context, text, names.Attributes.Select(pair => new KeyValuePair<object?, object?>(pair.Key, pair.Value)));
                text.Append('>');
                break;
            case LoopState loop:
                text.Append(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.Length(context)}>");
                break;
            case Macro macro:
                text.Append(macro.Name is null ? "<Macro anonymous>" : $"<Macro '{macro.Name}'>");
                break;
            case null or bool or long or double or BigInteger:
                text.Append(Of(context, value));
                break;
            default:
                throw context.Error($"a value of type '{TypeNames.Of(value)}' cannot be printed");
        }
        context.RequireLength(text.Length);
        context.Leave();
    }

    private static void WriteItems(RenderContext context, StringBuilder text, string open, IEnumerable<object?> items, string close)
    {
        text.Append(open);
        bool first = true;
        foreach (object? item in items)
        {
            if (!first)
                text.Append(", ");
            first = false;
            Write(context, text, item);
        }
        text.Append(close);
    }

    private static void WriteEntries(RenderContext context, StringBuilder text, IEnumerable<KeyValuePair<object?, object?>> entries)
    {
        text.Append('{');
        bool first = true;
        foreach ((object? key, object? value) in entries)
        {
            if (!first)
                text.Append(", ");
            first = false;
            Write(context, text, key);
            text.Append(": ");
            Write(context, text, value);
        }
        text.Append('}');
    }

    private static void WriteQuoted(StringBuilder text, string value)
    {
        char quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            switch (c)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case >= ' ' and <= '~':
                    text.Append(c == quote ? "\\" : "").Append(c);
                    break;
                default:
                    i += WriteRune(text, value, i) - 1;
                    break;
            }
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
