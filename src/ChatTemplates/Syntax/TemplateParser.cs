using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Parses a template's text and tags into statements.</summary>
internal sealed class TemplateParser
{
    private readonly TokenStream _tokens;
    private readonly StatementParser _statements;
    private readonly ExpressionParser _expressions;
    private readonly Stack<(Token Tag, string[] Ends)> _open = new();

    private TemplateParser(TemplateSource source, ParseState state)
    {
        _tokens = new TokenStream(source);
        _expressions = new ExpressionParser(_tokens, state);
        _statements = new StatementParser(_tokens, state, _expressions, this);
    }

    /// <summary>The statements of a whole template, and what was noted of it on the way.</summary>
    public static Block Parse(TemplateSource source, out ParseState state)
    {
        state = new ParseState();
        TemplateParser parser = new(source, state);
        Block block = parser.ParseUntil();
        state.RefuseUnknownMethods(parser._tokens);
        return block;
    }

    /// <summary>The statements after the tag that is being read, up to one of the tags named; that tag's name is the current token then.</summary>
    public Block ParseBody(Token tag, params string[] ends)
    {
        // a colon at the end of a tag is allowed, as in Python
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd, "%}");
        _tokens.Enter();
        _open.Push((tag, ends));
        Block body = ParseUntil();
        _open.Pop();
        _tokens.Leave();
        return body;
    }

    /// <summary>As <see cref="ParseBody"/>, for a body that only one tag can end; that tag's name is read too.</summary>
    public Block ParseWholeBody(Token tag, string end)
    {
        Block body = ParseBody(tag, end);
        _tokens.ExpectName(end);
        return body;
    }

    private Block ParseUntil()
    {
        int offset = _tokens.Current.Offset;
        List<Statement> statements = new();
        while (true)
        {
            Token token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Offset, token.Text));
                    break;
                case TokenKind.PrintBegin:
                    statements.Add(new PrintStatement(token.Offset, _expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.PrintEnd, "}}");
                    break;
                case TokenKind.BlockBegin when AtEnd():
                    return new Block(offset, [.. statements]);
                case TokenKind.BlockBegin:
                    statements.Add(_statements.Parse());
                    _tokens.Expect(TokenKind.BlockEnd, "%}");
                    break;
                case TokenKind.End when _open.Count == 0:
                    return new Block(offset, [.. statements]);
                default:
                    (Token tag, string[] ends) = _open.Peek();
                    throw _tokens.Error($"unexpected end of template: the tag '{tag.Text}' is not closed by '{string.Join("' or '", ends)}'", tag);
            }
        }
    }

    private bool AtEnd() =>
        _open.TryPeek(out (Token Tag, string[] Ends) open) && _tokens.Current.Kind == TokenKind.Name && open.Ends.Contains(_tokens.Current.Text);
}
