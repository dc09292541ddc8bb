using System.Globalization;
using System.Numerics;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>JSON as Python's <c>json.dumps</c> writes it.</summary>
internal sealed class PythonJson
{
    private readonly RenderContext _context;
    private readonly StringBuilder _text = new();
    private readonly bool _asciiOnly;
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _sortKeys;

    /// <param name="context">Accounts for the work.</param>
    /// <param name="asciiOnly">Whether everything beyond ASCII is escaped.</param>
    /// <param name="indent">What each level is indented by; null for all on one line.</param>
    /// <param name="separators">Between items, and between key and value; null for Python's defaults.</param>
    /// <param name="sortKeys">Whether the keys of dicts are put in order.</param>
    public PythonJson(RenderContext context, bool asciiOnly, string? indent, (string Item, string Key)? separators, bool sortKeys)
    {
        _context = context;
        _asciiOnly = asciiOnly;
        _indent = indent;
        (_itemSeparator, _keySeparator) = separators ?? (indent is null ? ", " : ",", ": ");
        _sortKeys = sortKeys;
    }

    public string Write(object? value)
    {
        Append(value, 1);
        _context.ChargeText(_text.Length);
        return _text.ToString();
    }

    private void Append(object? value, int level)
    {
        _context.Enter();
        switch (value)
        {
            case string or MarkupText:
                PythonText.TryGet(value, out string? text);
                AppendQuoted(text!);
                break;
            case JinjaSequence sequence:
                AppendSequence(sequence.Items, level);
                break;
            case JinjaDict dict:
                AppendDict(dict, level);
                break;
            default:
                _text.Append(Scalar(value) ?? throw _context.Error($"Object of type {TypeNames.Of(value)} is not JSON serializable"));
                break;
        }
        _context.RequireLength(_text.Length);
        _context.Leave();
    }

    private string? Scalar(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        long or BigInteger => PythonRepr.Of(_context, value),
        double number when double.IsNaN(number) => "NaN",
        double number when double.IsInfinity(number) => number > 0 ? "Infinity" : "-Infinity",
        double number => FloatText.Of(number),
        _ => null,
    };

    private void AppendSequence(object?[] items, int level)
    {
        _text.Append('[');
        for (int i = 0; i < items.Length; i++)
        {
            Separate(i, level);
            Append(items[i], level + 1);
        }
        Close(items.Length, level, ']');
    }

    private void AppendDict(JinjaDict dict, int level)
    {
        KeyValuePair<object?, object?>[] entries = [.. dict.Entries];
        if (_sortKeys)
        {
            object?[] pairs = Array.ConvertAll(entries, entry => (object?)entry), keys = Array.ConvertAll(entries, entry => entry.Key);
            object?[] order = Ordering.Sort(_context, pairs, keys, reverse: false);
            entries = Array.ConvertAll(order, entry => (KeyValuePair<object?, object?>)entry!);
        }
        _text.Append('{');
        for (int i = 0; i < entries.Length; i++)
        {
            Separate(i, level);
            object? key = entries[i].Key;
            AppendQuoted(key as string ?? Scalar(key)
                ?? throw _context.Error($"keys must be str, int, float, bool or None, not {TypeNames.Of(key)}"));
            _text.Append(_keySeparator);
            Append(entries[i].Value, level + 1);
        }
        Close(entries.Length, level, '}');
    }

    private void Separate(int index, int level)
    {
        if (index > 0)
            _text.Append(_itemSeparator);
        BreakLine(level);
    }

    private void Close(int count, int level, char bracket)
    {
        if (count > 0)
            BreakLine(level - 1);
        _text.Append(bracket);
    }

    private void BreakLine(int level)
    {
        if (_indent is null)
            return;
        _context.RequireLength(_text.Length + (long)_indent.Length * level);
        _text.Append('\n');
        for (int i = 0; i < level; i++)
            _text.Append(_indent);
    }

    private void AppendQuoted(string text)
    {
        _text.Append('"');
        int plain = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c >= ' ' && c is not ('"' or '\\') && (c <= '~' || !_asciiOnly))
                continue;
            _text.Append(text, plain, i - plain);
            plain = i + 1;
            int letter = "\"\\\n\r\t\b\f".IndexOf(c, StringComparison.Ordinal);
            if (letter >= 0)
                _text.Append('\\').Append("\"\\nrtbf"[letter]);
            else
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        _text.Append(text, plain, text.Length - plain).Append('"');
    }
}
