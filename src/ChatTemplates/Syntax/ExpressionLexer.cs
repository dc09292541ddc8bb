using System.Globalization;
using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Cuts the inside of one tag into names, literals and operators.</summary>
internal sealed class ExpressionLexer
{
    private static readonly string[] s_operators =
        ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly TemplateSource _source;
    private readonly string _text;
    private readonly string _end;
    private readonly string _endSigns;
    private readonly Stack<char> _brackets = new();

    /// <param name="source">The whole template.</param>
    /// <param name="position">Where the inside begins.</param>
    /// <param name="end">What closes the tag.</param>
    /// <param name="endSigns">The signs that may stand before it.</param>
    public ExpressionLexer(TemplateSource source, int position, string end, string endSigns)
    {
        _source = source;
        _text = source.Text;
        Position = position;
        _end = end;
        _endSigns = endSigns;
    }

    public int Position { get; private set; }

    /// <summary>Whether the tag was closed before the template ended.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Adds the tokens up to the tag's end, and returns the sign before that end, or a space.</summary>
    public char ReadInto(List<Token> tokens)
    {
        while (Position < _text.Length)
        {
            if (_brackets.Count == 0 && AtEnd(out char sign))
            {
                tokens.Add(new Token(_end == "}}" ? TokenKind.PrintEnd : TokenKind.BlockEnd, Position, _end));
                Position += sign == ' ' ? 2 : 3;
                ReachedEnd = true;
                return sign;
            }
            char c = _text[Position];
            if (PythonText.IsSpace(c))
                Position++;
            else if (char.IsAsciiDigit(c))
                tokens.Add(ReadNumber(isPartOfPath: tokens[^1].IsOperator(".")));
            else if (c is '"' or '\'')
                tokens.Add(ReadString());
            else if (IsNameCharacter(c))
                tokens.Add(ReadName());
            else
                tokens.Add(ReadOperator());
        }
        return ' ';
    }

    private bool AtEnd(out char sign)
    {
        ReadOnlySpan<char> rest = _text.AsSpan(Position);
        sign = rest.Length > 2 && _endSigns.Contains(rest[0], StringComparison.Ordinal) ? rest[0] : ' ';
        if (sign != ' ' && rest[1..].StartsWith(_end, StringComparison.Ordinal))
            return true;
        sign = ' ';
        return rest.StartsWith(_end, StringComparison.Ordinal);
    }

    private Token ReadString()
    {
        Token literal = StringLiteral.Read(_source, Position, out int next);
        Position = next;
        return literal;
    }

    private Token ReadName()
    {
        int start = Position;
        while (Position < _text.Length && IsNameCharacter(_text[Position]))
            Position++;
        return new Token(TokenKind.Name, start, _text[start..Position]);
    }

    private static bool IsNameCharacter(char c) => c == '_' || char.IsLetterOrDigit(c);

    private Token ReadOperator()
    {
        foreach (string candidate in s_operators)
        {
            if (!_text.AsSpan(Position).StartsWith(candidate, StringComparison.Ordinal))
                continue;
            Balance(candidate);
            Token token = new(TokenKind.Operator, Position, candidate);
            Position += candidate.Length;
            return token;
        }
        throw _source.Error($"unexpected char '{_text[Position]}'", Position);
    }

    private void Balance(string bracket)
    {
        switch (bracket)
        {
            case "(":
                _brackets.Push(')');
                break;
            case "[":
                _brackets.Push(']');
                break;
            case "{":
                _brackets.Push('}');
                break;
            case ")" or "]" or "}":
                if (!_brackets.TryPop(out char expected))
                    throw _source.Error($"unexpected '{bracket}'", Position);
                if (expected != bracket[0])
                    throw _source.Error($"unexpected '{bracket}', expected '{expected}'", Position);
                break;
        }
    }

    // "1.5" and "1e3" are floats, but in the path "x.0.1" each number is an index
    private Token ReadNumber(bool isPartOfPath)
    {
        int start = Position;
        if (_text[start] == '0' && start + 1 < _text.Length && char.ToLowerInvariant(_text[start + 1]) is 'x' or 'o' or 'b')
            return ReadPrefixed(start);
        int end = SkipDigits(start);
        int whole = end;
        if (!isPartOfPath)
        {
            if (end + 1 < _text.Length && _text[end] == '.' && char.IsAsciiDigit(_text[end + 1]))
                end = SkipDigits(end + 1);
            if (end < _text.Length && _text[end] is 'e' or 'E')
            {
                int exponent = end + 1 < _text.Length && _text[end + 1] is '+' or '-' ? end + 2 : end + 1;
                if (exponent < _text.Length && char.IsAsciiDigit(_text[exponent]))
                    end = SkipDigits(exponent);
            }
        }
        string digits = _text[start..end].Replace("_", "", StringComparison.Ordinal);
        Position = end;
        if (end > whole)
            return new Token(TokenKind.Number, start, digits, double.Parse(digits, CultureInfo.InvariantCulture));
        if (digits.Length > 1 && digits[0] == '0' && digits.AsSpan().ContainsAnyExcept('0'))
            throw _source.Error($"the number {digits} begins with 0; leave the 0 away, or write 0o for octal", start);
        bool isTooLong = digits.Length > RenderLimits.IntegerBits / 4;
        return ToInteger(start, isTooLong ? BigInteger.One << RenderLimits.IntegerBits : BigInteger.Parse(digits, CultureInfo.InvariantCulture), digits);
    }

    private Token ReadPrefixed(int start)
    {
        int numberBase = char.ToLowerInvariant(_text[start + 1]) switch { 'x' => 16, 'o' => 8, _ => 2 };
        int end = start + 2;
        BigInteger value = 0;
        for (; end < _text.Length && (char.IsAsciiHexDigit(_text[end]) || _text[end] == '_'); end++)
        {
            int digit = _text[end] == '_' ? -1 : Convert.ToInt32(_text[end].ToString(), 16);
            if (digit >= numberBase || end - start > RenderLimits.IntegerBits / 4)
                break;
            if (digit >= 0)
                value = value * numberBase + digit;
        }
        if (end == start + 2 || _text[end - 1] == '_')
            throw _source.Error($"'{_text[start..end]}' is not a number", start);
        Position = end;
        return ToInteger(start, value, _text[start..end]);
    }

    private Token ToInteger(int start, BigInteger value, string digits) => value.GetBitLength() <= RenderLimits.IntegerBits
        ? new Token(TokenKind.Number, start, digits, PythonNumber.Normalize(value))
        : throw _source.Error($"an integer of more than {RenderLimits.IntegerBits} bits", start);

    private int SkipDigits(int at)
    {
        while (at < _text.Length && (char.IsAsciiDigit(_text[at]) || (_text[at] == '_' && at + 1 < _text.Length && char.IsAsciiDigit(_text[at + 1]))))
            at++;
        return at;
    }
}
