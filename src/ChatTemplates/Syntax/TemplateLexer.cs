using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>
/// Cuts a template into text and tags, with white space around tags removed as <c>trim_blocks</c> (the line end after a block or comment),
/// <c>lstrip_blocks</c> (spaces before a block or comment that begins its line) and the signs <c>-</c> and <c>+</c> in the tags say.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly TemplateSource _source;
    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private int _position;
    private bool _lineStarts = true;

    private TemplateLexer(TemplateSource source)
    {
        _source = source;
        _text = source.Text;
    }

    public static List<Token> Read(TemplateSource source)
    {
        TemplateLexer lexer = new(source);
        while (lexer._position < lexer._text.Length)
            lexer.ReadNext();
        lexer._tokens.Add(new Token(TokenKind.End, lexer._text.Length, ""));
        return lexer._tokens;
    }

    private void ReadNext()
    {
        int tag = FindTag(_position);
        if (tag < 0)
        {
            AddData(_position, _text[_position..]);
            _position = _text.Length;
            return;
        }
        char kind = _text[tag + 1];
        int inside = tag + 2;
        char sign = inside < _text.Length && _text[inside] is '-' or '+' ? _text[inside++] : ' ';
        AddData(_position, StripBefore(_text[_position..tag], sign, isPrint: kind == '{'));
        _position = inside;
        if (kind == '#')
            SkipComment(tag);
        else if (kind == '%' && TryReadRaw(tag))
            return;
        else
            ReadTag(tag, isPrint: kind == '{');
    }

    private int FindTag(int start)
    {
        while (true)
        {
            int at = _text.IndexOf('{', start);
            if (at < 0 || at + 1 == _text.Length)
                return -1;
            if (_text[at + 1] is '{' or '%' or '#')
                return at;
            start = at + 1;
        }
    }

    private string StripBefore(string data, char sign, bool isPrint)
    {
        if (sign == '-')
            return PythonText.Strip(data, null, start: false, end: true);
        if (sign == '+' || isPrint)
            return data;
        int line = data.LastIndexOf('\n') + 1;
        return (line > 0 || _lineStarts) && PythonText.Strip(data[line..], null, start: true, end: false).Length == 0 ? data[..line] : data;
    }

    private void AddData(int offset, string data)
    {
        if (data.Length > 0)
            _tokens.Add(new Token(TokenKind.Data, offset, data));
    }

    private void SkipComment(int tag)
    {
        int end = _text.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
            throw _source.Error("Missing end of comment tag", tag);
        char sign = end > _position ? _text[end - 1] : ' ';
        _position = end + 2;
        FinishTag(sign, trimsLine: true);
    }

    // {% raw %} ... {% endraw %}: everything between is text
    private bool TryReadRaw(int tag)
    {
        int inside = SkipSpace(_position);
        if (!StartsWith(inside, "raw"))
            return false;
        inside = SkipSpace(inside + 3);
        bool strips = StartsWith(inside, "-%}");
        if (!strips && !StartsWith(inside, "%}"))
            return false;
        int start = strips ? SkipSpace(inside + 3) : inside + 2;
        _lineStarts = _text[start - 1] == '\n';
        for (int end = start; (end = _text.IndexOf("{%", end, StringComparison.Ordinal)) >= 0; end += 2)
        {
            int at = end + 2;
            char sign = at < _text.Length && _text[at] is '-' or '+' ? _text[at++] : ' ';
            at = SkipSpace(at);
            if (!StartsWith(at, "endraw"))
                continue;
            at = SkipSpace(at + 6);
            char endSign = at < _text.Length && _text[at] is '-' or '+' ? _text[at++] : ' ';
            if (!StartsWith(at, "%}"))
                continue;
            AddData(start, StripBefore(_text[start..end], sign, isPrint: false));
            _position = at + 2;
            FinishTag(endSign, trimsLine: true);
            return true;
        }
        throw _source.Error("Missing end of raw directive", tag);
    }

    private void ReadTag(int tag, bool isPrint)
    {
        _tokens.Add(new Token(isPrint ? TokenKind.PrintBegin : TokenKind.BlockBegin, tag, isPrint ? "{{" : "{%"));
        ExpressionLexer inside = new(_source, _position, isPrint ? "}}" : "%}", isPrint ? "-" : "-+");
        char sign = inside.ReadInto(_tokens);
        _position = inside.Position;
        if (inside.ReachedEnd)
            FinishTag(sign, trimsLine: !isPrint);
    }

    // what follows a tag's closing bracket and belongs to it
    private void FinishTag(char sign, bool trimsLine)
    {
        int end = _position;
        if (sign == '-')
            _position = SkipSpace(_position);
        else if (sign != '+' && trimsLine && StartsWith(_position, "\n"))
            _position++;
        _lineStarts = _position > end && _text[_position - 1] == '\n';
    }

    private bool StartsWith(int at, string text) => _text.AsSpan(at).StartsWith(text, StringComparison.Ordinal);

    private int SkipSpace(int at)
    {
        while (at < _text.Length && PythonText.IsSpace(_text[at]))
            at++;
        return at;
    }
}
