using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>
/// Reads what Python's <c>str()</c> writes of lists, tuples, dictionaries, strings, numbers, <c>None</c>, <c>True</c> and <c>False</c>, and NumPy of arrays
/// of them.
/// </summary>
/// <remarks>A reader of literals only: nothing is looked up, called or executed, and anything else is refused.</remarks>
internal sealed class PythonLiteral
{
    private const int MaxDepth = 60;

    private readonly string _text;
    private readonly StringBuilder _json = new();
    private int _at;

    private PythonLiteral(string text) => _text = text;

    /// <summary>The literal as JSON; null where the text is none, with the offset of what cannot be read.</summary>
    public static string? ToJson(string text, out int fault)
    {
        PythonLiteral literal = new(text);
        bool read = literal.Value(0);
        literal.SkipSpace();
        fault = literal._at;
        return read && literal._at == text.Length ? literal._json.ToString() : null;
    }

    private char Next => _at < _text.Length ? _text[_at] : '\0';

    private bool Value(int depth)
    {
        SkipSpace();
        if (depth > MaxDepth)
            return false;
        return Next switch
        {
            '[' => Sequence(']', depth),
            '(' => Parenthesis(depth),
            '{' => Dictionary(depth),
            '\'' or '"' => Text(),
            '-' or '+' or '.' or (>= '0' and <= '9') => Number(),
            _ => Name(depth),
        };
    }

    private bool Sequence(char end, int depth)
    {
        _at++;
        _json.Append('[');
        bool separated = true;
        for (int count = 0; ; count++)
        {
            SkipSpace();
            if (Next == end)
            {
                _at++;
                _json.Append(']');
                return true;
            }
            // NumPy separates the elements of an array by white space alone
            if (!separated && !(Next is '{' or '[' && _text[_at - 1] is '\n' or '\r' or ' '))
                return false;
            if (count > 0)
                _json.Append(',');
            if (!Value(depth + 1))
                return false;
            separated = TakeComma();
        }
    }

    // A tuple, or a value in parentheses.
    private bool Parenthesis(int depth)
    {
        int written = _json.Length;
        _at++;
        SkipSpace();
        if (Next == ')')
        {
            _at++;
            _json.Append("[]");
            return true;
        }
        if (!Value(depth + 1))
            return false;
        SkipSpace();
        if (Next == ',')
            _json.Insert(written, '[');
        bool isTuple = Next == ',';
        while (TakeComma())
        {
            SkipSpace();
            if (Next == ')')
                break;
            _json.Append(',');
            if (!Value(depth + 1))
                return false;
        }
        SkipSpace();
        if (Next != ')')
            return false;
        _at++;
        if (isTuple)
            _json.Append(']');
        return true;
    }

    private bool Dictionary(int depth)
    {
        _at++;
        _json.Append('{');
        bool separated = true;
        for (int count = 0; ; count++)
        {
            SkipSpace();
            if (Next == '}')
            {
                _at++;
                _json.Append('}');
                return true;
            }
            if (!separated)
                return false;
            if (count > 0)
                _json.Append(',');
            if (Next is not ('\'' or '"' or 'u') || !Value(depth + 1))
                return false;
            SkipSpace();
            if (Next != ':')
                return false;
            _at++;
            _json.Append(':');
            if (!Value(depth + 1))
                return false;
            separated = TakeComma();
        }
    }

    private bool Text()
    {
        string? value = PythonString.Read(_text, ref _at);
        if (value is not null)
            _json.Append(JsonString.Of(value));
        return value is not null;
    }

    private bool Number()
    {
        int start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '.' or '-' or '+')
            _at++;
        string number = _text[start.._at];
        if (number is "-inf" or "+inf" or "-nan")
        {
            _json.Append("null");
            return true;
        }
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
        {
            _at = start;
            return false;
        }
        bool isWhole = number.TrimStart('-').All(char.IsAsciiDigit) && !(number.TrimStart('-').Length > 1 && number.TrimStart('-')[0] == '0');
        _json.Append(isWhole ? number : value.ToString("R", CultureInfo.InvariantCulture));
        return true;
    }

    private bool Name(int depth)
    {
        int start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '_' or '.')
            _at++;
        string name = _text[start.._at];
        if (name == "u" && Next is '\'' or '"')
            return Text();
        string? constant = name switch
        {
            "None" or "null" or "nan" or "NaN" or "inf" or "Infinity" => "null",
            "True" or "true" => "true",
            "False" or "false" => "false",
            _ => null,
        };
        if (constant is not null)
            _json.Append(constant);
        else if ((name is "array" || name.StartsWith("np.", StringComparison.Ordinal) || name.StartsWith("numpy.", StringComparison.Ordinal)) && Next == '(')
            return Wrapped(depth);
        else
            _at = start;
        return constant is not null;
    }

    // array([...], dtype=object), np.str_('...'), np.float64(1.0)
    private bool Wrapped(int depth)
    {
        _at++;
        if (!Value(depth + 1))
            return false;
        if (TakeComma())
        {
            SkipSpace();
            if (!_text.AsSpan(_at).StartsWith("dtype="))
                return false;
            while (Next is not (')' or '\0' or '('))
                _at++;
        }
        SkipSpace();
        if (Next != ')')
            return false;
        _at++;
        return true;
    }

    private bool TakeComma()
    {
        SkipSpace();
        if (Next != ',')
            return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }
}
