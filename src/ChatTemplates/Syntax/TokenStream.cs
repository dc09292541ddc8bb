using System.Runtime.CompilerServices;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>A template's tokens as the parsers go through them.</summary>
internal sealed class TokenStream
{
    private readonly TemplateSource _source;
    private readonly List<Token> _tokens;
    private int _position;
    private int _depth;

    public TokenStream(TemplateSource source)
    {
        _source = source;
        _tokens = TemplateLexer.Read(source);
    }

    public Token Current => _tokens[_position];

    /// <summary>The token after the current one.</summary>
    public Token Following => _tokens[Math.Min(_position + 1, _tokens.Count - 1)];

    /// <summary>Goes on by one token, and returns the one that was current.</summary>
    public Token Next()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
            _position++;
        return token;
    }

    public bool SkipName(string name)
    {
        bool found = Current.IsName(name);
        if (found)
            Next();
        return found;
    }

    public bool SkipOperator(string text)
    {
        bool found = Current.IsOperator(text);
        if (found)
            Next();
        return found;
    }

    public Token ExpectName() => Current.Kind == TokenKind.Name ? Next() : throw Unexpected("a name");

    public void ExpectName(string name)
    {
        if (!SkipName(name))
            throw Unexpected($"'{name}'");
    }

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
            throw Unexpected($"'{text}'");
    }

    public void Expect(TokenKind kind, string text)
    {
        if (Current.Kind != kind)
            throw Unexpected($"'{text}'");
        Next();
    }

    /// <summary>Begins something that may hold another of its kind; ended by <see cref="Leave"/>.</summary>
    public void Enter()
    {
        if (++_depth > RenderLimits.SourceDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Error($"nests deeper than {RenderLimits.SourceDepth} levels, or than the thread's stack allows");
    }

    public void Leave(int levels = 1) => _depth -= levels;

    public TemplateException Error(string reason) => _source.Error(reason, Current.Offset);

    public TemplateException Error(string reason, Token at) => _source.Error(reason, at.Offset);

    private TemplateException Unexpected(string expected) => Current.Kind == TokenKind.End
        ? Error($"unexpected end of template, expected {expected}")
        : Error($"expected {expected}, got '{Current.Describe()}'");
}
