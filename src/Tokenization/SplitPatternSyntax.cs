using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Takes a pattern of tokenizer.json, which is Oniguruma's syntax, over into .NET's, as far as both mean the same.</summary>
/// <remarks>
/// Taken over: literals, escapes, classes with ranges and Unicode categories, groups, look-around, alternation, quantifiers, (?i: ).
/// Refused: what the two engines read differently (\w, \b, ., ^, $, possessive quantifiers, scripts, set operations, back-references).
/// </remarks>
internal ref struct SplitPatternSyntax
{
    /// <summary>The most repetitions that braces may ask for.</summary>
    public const int MaxRepeat = 1000;
    private static readonly HashSet<string> s_categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cn",
    ];

    private readonly ReadOnlySpan<char> _pattern;
    private readonly StringBuilder _output = new();
    private int _position;

    private SplitPatternSyntax(ReadOnlySpan<char> pattern) => _pattern = pattern;

    /// <summary>The pattern in .NET's syntax.</summary>
    /// <exception cref="FormatException">The pattern holds something that is not taken over; the message says what and where.</exception>
    public static string Translate(string pattern)
    {
        SplitPatternSyntax syntax = new(pattern);
        syntax.Translate();
        return syntax._output.ToString();
    }

    private void Translate()
    {
        Stack<bool> ignoresCase = new([false]);
        Stack<long> sizes = new([0]); // elements of the groups around, repetitions written out
        long last = 0;
        bool quantifiable = false;
        while (_position < _pattern.Length)
        {
            char character = _pattern[_position];
            switch (character)
            {
                case '(':
                    ignoresCase.Push(OpenGroup() || ignoresCase.Peek());
                    sizes.Push(0);
                    quantifiable = false;
                    break;
                case ')':
                    if (ignoresCase.Count == 1)
                        throw Refuse("a ')' without '('");
                    ignoresCase.Pop();
                    Copy(1);
                    last = sizes.Pop() + 1;
                    Grow(sizes, last);
                    quantifiable = true;
                    break;
                case '|':
                    Copy(1);
                    quantifiable = false;
                    break;
                case '?' or '*' or '+' or '{':
                    if (!quantifiable)
                        throw Refuse("a quantifier with nothing to repeat, or a possessive one");
                    Grow(sizes, (Quantifier() - 1) * last);
                    quantifiable = false;
                    break;
                case '[':
                    Class(ignoresCase.Peek());
                    Grow(sizes, last = 1);
                    quantifiable = true;
                    break;
                case '\\':
                    Escape();
                    Grow(sizes, last = 1);
                    quantifiable = true;
                    break;
                case '.' or '^' or '$' or ']' or '}':
                    throw Refuse($"an unescaped '{character}'");
                default:
                    Literal(ignoresCase.Peek());
                    Grow(sizes, last = 1);
                    quantifiable = true;
                    break;
            }
        }
        if (ignoresCase.Count > 1)
            throw Refuse("a '(' without ')'");
    }

    /// <summary>Copies the opening of a group; the result says whether it switches to ignoring case.</summary>
    private bool OpenGroup()
    {
        foreach (string opening in (string[])["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"])
        {
            if (!_pattern[_position..].StartsWith(opening))
                continue;
            Copy(opening.Length);
            return opening == "(?i:";
        }
        if (_pattern[_position..].StartsWith("(?"))
            throw Refuse("a group that starts with \"(?\" in another way than (?: (?= (?! (?<= (?<! (?> (?i:");
        Copy(1);
        return false;
    }

    private readonly void Grow(Stack<long> sizes, long elements)
    {
        long size = sizes.Pop() + elements;
        if (size > TokenizerLimits.PatternElements)
            throw Refuse($"repetitions that make more than {TokenizerLimits.PatternElements} elements of it");
        sizes.Push(size);
    }

    /// <summary>Copies a quantifier; the result is how often it writes the element down, at least once.</summary>
    private int Quantifier()
    {
        if (_pattern[_position] != '{')
        {
            Copy(1);
            if (_position < _pattern.Length && _pattern[_position] == '?')
                Copy(1);
            return 1;
        }
        int close = _pattern[_position..].IndexOf('}');
        ReadOnlySpan<char> body = close < 0 ? default : _pattern.Slice(_position + 1, close - 1);
        int comma = body.IndexOf(',');
        if (!IsCount(comma < 0 ? body : body[..comma]) || (comma >= 0 && comma < body.Length - 1 && !IsCount(body[(comma + 1)..])))
            throw Refuse("braces that are no {n}, {n,} or {n,m} with numbers up to 1000");
        Copy(close + 1);
        if (_position < _pattern.Length && _pattern[_position] == '?')
            throw Refuse("a '?' after braces");
        ReadOnlySpan<char> most = comma < 0 ? body : comma == body.Length - 1 ? body[..comma] : body[(comma + 1)..];
        return Math.Max(1, int.Parse(most, NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private static bool IsCount(ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MaxRepeat;

    private void Class(bool ignoresCase)
    {
        Copy(1);
        if (_position < _pattern.Length && _pattern[_position] == '^')
            Copy(1);
        int first = _position;
        while (true)
        {
            if (_position >= _pattern.Length)
                throw Refuse("a '[' without ']'");
            char character = _pattern[_position];
            if (character == ']' && _position > first)
                break;
            if (character is '[' or ']' || _pattern[_position..].StartsWith("&&"))
                throw Refuse($"'{character}' inside a class");
            if (character == '\\')
                Escape();
            else if (ignoresCase && char.IsLetter(character))
                throw Refuse("a class with letters where case is ignored");
            else
                Literal(ignoresCase: false);
        }
        Copy(1);
    }

    private void Escape()
    {
        if (_position + 1 >= _pattern.Length)
            throw Refuse("a '\\' at the end");
        char escaped = _pattern[_position + 1];
        if (escaped is 'p' or 'P')
        {
            int close = _pattern[_position..].IndexOf('}');
            string name = close < 4 || _pattern[_position + 2] != '{' ? "" : _pattern.Slice(_position + 3, close - 3).ToString();
            if (!s_categories.Contains(name))
                throw Refuse($"a Unicode property other than the general categories ('{name}')");
            Copy(close + 1);
        }
        else if (escaped is 'r' or 'n' or 't' or 's' or 'S' or 'd' or 'D' || char.IsAsciiLetterOrDigit(escaped) is false && escaped is >= ' ' and <= '~')
        {
            Copy(2);
        }
        else
        {
            throw Refuse($"the escape \\{escaped}");
        }
    }

    private void Literal(bool ignoresCase)
    {
        char character = _pattern[_position];
        if (char.IsSurrogate(character))
            throw Refuse("a character outside of the basic multilingual plane");
        if (ignoresCase && !char.IsAscii(character))
            throw Refuse("a letter that is not ASCII where case is ignored");
        if (ignoresCase && _position > 0 && FoldsToLigature(_pattern[_position - 1], character))
            throw Refuse("letters that a ligature folds to where case is ignored");
        // the long s folds to s in Unicode and in Oniguruma, but not in .NET
        if (ignoresCase && character is 's' or 'S')
        {
            _output.Append("[sS\u017F]");
            _position++;
        }
        else
        {
            Copy(1);
        }
    }

    private static bool FoldsToLigature(char first, char second) =>
        (char.ToLowerInvariant(first), char.ToLowerInvariant(second)) is ('f', 'f' or 'i' or 'l') or ('s', 's' or 't');

    private void Copy(int length)
    {
        _output.Append(_pattern.Slice(_position, length));
        _position += length;
    }

    private readonly FormatException Refuse(string what) => new($"the pattern has {what} at position {_position}");
}
