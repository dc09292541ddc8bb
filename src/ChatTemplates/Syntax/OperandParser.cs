using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;
using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Parses what operators stand between: literals, names, brackets, and the attributes, items, calls, filters and tests after them.</summary>
internal sealed class OperandParser(TokenStream tokens, ParseState state, ExpressionParser expressions)
{
    public Expression Parse() => Parse(withFilters: true);

    public Expression ParsePrimary()
    {
        Token token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Next();
                return ParseName(token);
            case TokenKind.Number:
                tokens.Next();
                return new Constant(token.Offset, token.Value);
            case TokenKind.String:
                return ParseStrings();
            case TokenKind.Operator when token.Text == "(":
                tokens.Next();
                Expression inside = expressions.ParseTuple(bracketed: true);
                tokens.ExpectOperator(")");
                return inside;
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseDict();
            default:
                throw tokens.Error($"unexpected '{token.Describe()}'");
        }
    }

    /// <summary>Attributes, items and calls after a value.</summary>
    public Expression ParsePostfix(Expression value)
    {
        int count = 0;
        while (TryParsePostfix(ref value))
            EnterOnce(ref count);
        tokens.Leave(count);
        return value;
    }

    /// <summary>Filters after a value; with <paramref name="first"/> the first of them stands without <c>|</c>.</summary>
    public Expression ParseFilters(Expression value, bool first = false)
    {
        int count = 0;
        while (first || tokens.SkipOperator("|"))
        {
            first = false;
            EnterOnce(ref count);
            value = ParseFilter(value);
        }
        tokens.Leave(count);
        return value;
    }

    public ArgumentList ParseArguments()
    {
        Token open = tokens.Current;
        tokens.ExpectOperator("(");
        List<Expression> positional = new();
        List<KeyValuePair<string, Expression>> keywords = new();
        HashSet<string> names = new();
        Expression? extra = null;
        Expression? extraKeywords = null;
        while (!tokens.SkipOperator(")"))
        {
            bool inOrder = extraKeywords is null;
            if (tokens.SkipOperator("*"))
            {
                inOrder &= extra is null;
                extra = expressions.Parse();
            }
            else if (tokens.SkipOperator("**"))
            {
                extraKeywords = expressions.Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                Token name = tokens.Next();
                tokens.Next();
                inOrder &= names.Add(name.Text);
                state.NoteAttribute(name.Text);
                keywords.Add(new(name.Text, expressions.Parse()));
            }
            else
            {
                inOrder &= extra is null && keywords.Count == 0;
                positional.Add(expressions.Parse());
            }
            if (!inOrder)
                throw tokens.Error("invalid syntax for function call expression", open);
            if (!tokens.Current.IsOperator(")"))
                tokens.ExpectOperator(",");
        }
        return positional.Count + keywords.Count == 0 && extra is null && extraKeywords is null
            ? ArgumentList.Empty
            : new ArgumentList([.. positional], [.. keywords], extra, extraKeywords);
    }

    private Expression Parse(bool withFilters)
    {
        tokens.Enter();
        Token token = tokens.Current;
        Expression value;
        if (token.IsOperator("-") || token.IsOperator("+"))
        {
            tokens.Next();
            value = new SignExpression(token.Offset, Parse(withFilters: false), negates: token.Text == "-");
        }
        else
        {
            value = ParsePrimary();
        }

        int count = 0;
        while (TryParsePostfix(ref value))
            EnterOnce(ref count);
        while (withFilters && TryParseFilterOrTest(ref value))
            EnterOnce(ref count);
        tokens.Leave(count + 1);
        return value;
    }

    // each postfix is one level more to evaluate
    private void EnterOnce(ref int count)
    {
        count++;
        tokens.Enter();
    }

    private Expression ParseName(Token token) => token.Text switch
    {
        "true" or "True" => new Constant(token.Offset, true),
        "false" or "False" => new Constant(token.Offset, false),
        "none" or "None" => new Constant(token.Offset, null),
        "self" or "super" => throw tokens.Error($"'{token.Text}' is not supported: a chat template has no parent", token),
        _ => new VariableExpression(token.Offset, token.Text, state.Use(token.Text)),
    };

    private Constant ParseStrings()
    {
        Token first = tokens.Next();
        if (tokens.Current.Kind != TokenKind.String)
            return new Constant(first.Offset, first.Text);
        List<string> parts = new() { first.Text };
        while (tokens.Current.Kind == TokenKind.String)
            parts.Add(tokens.Next().Text);
        return new Constant(first.Offset, string.Concat(parts));
    }

    private SequenceExpression ParseList()
    {
        int offset = tokens.Next().Offset;
        List<Expression> items = new();
        while (!tokens.SkipOperator("]"))
        {
            items.Add(expressions.Parse());
            if (!tokens.Current.IsOperator("]"))
                tokens.ExpectOperator(",");
        }
        return new SequenceExpression(offset, [.. items], isTuple: false);
    }

    private DictExpression ParseDict()
    {
        int offset = tokens.Next().Offset;
        List<(Expression, Expression)> entries = new();
        while (!tokens.SkipOperator("}"))
        {
            Expression key = expressions.Parse();
            if (key is Constant { Value: string name })
                state.NoteAttribute(name);
            tokens.ExpectOperator(":");
            entries.Add((key, expressions.Parse()));
            if (!tokens.Current.IsOperator("}"))
                tokens.ExpectOperator(",");
        }
        return new DictExpression(offset, [.. entries]);
    }

    private bool TryParsePostfix(ref Expression value)
    {
        Token token = tokens.Current;
        if (token.IsOperator("."))
            value = ParseAttribute(value);
        else if (token.IsOperator("["))
            value = ParseItem(value);
        else if (token.IsOperator("("))
            value = ParseCall(value);
        else
            return false;
        return true;
    }

    private bool TryParseFilterOrTest(ref Expression value)
    {
        if (tokens.SkipOperator("|"))
            value = ParseFilter(value);
        else if (tokens.Current.IsName("is"))
            value = ParseTest(value);
        else if (tokens.Current.IsOperator("("))
            value = ParseCall(value);
        else
            return false;
        return true;
    }

    private CallExpression ParseCall(Expression function) => new(tokens.Current.Offset, function, ParseArguments());

    private Expression ParseAttribute(Expression value)
    {
        int offset = tokens.Next().Offset;
        Token name = tokens.Next();
        if (name.Kind == TokenKind.Number && name.Value is not double)
            return new ItemExpression(offset, value, new Constant(name.Offset, name.Value));
        if (name.Kind != TokenKind.Name)
            throw tokens.Error("expected name or number", name);
        if (name.Text.StartsWith('_'))
            throw tokens.Error($"access to attribute '{name.Text}' is unsafe: names that begin with an underscore are refused", name);
        if (tokens.Current.IsOperator("("))
            state.NoteMethodCall(name);
        return new AttributeExpression(offset, value, name.Text);
    }

    private Expression ParseItem(Expression value)
    {
        int offset = tokens.Next().Offset;
        Expression? start = tokens.Current.IsOperator(":") ? null : expressions.Parse();
        if (start is not null && tokens.SkipOperator("]"))
            return new ItemExpression(offset, value, start);
        if (tokens.Current.IsOperator(","))
            throw tokens.Error("more than one index in a subscript is not supported");
        tokens.ExpectOperator(":");
        Expression? stop = ParseSliceBound();
        Expression? step = tokens.SkipOperator(":") ? ParseSliceBound() : null;
        tokens.ExpectOperator("]");
        return new SliceExpression(offset, value, start, stop, step);
    }

    private Expression? ParseSliceBound() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") ? null : expressions.Parse();

    private FilterExpression ParseFilter(Expression value)
    {
        Token name = tokens.ExpectName();
        Filter filter = FilterTable.Find(name.Text) ?? throw tokens.Error($"unknown filter '{name.Text}'", name);
        ArgumentList arguments = tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty;
        RefuseUnknownNames(name, arguments);
        return new FilterExpression(name.Offset, value, filter, arguments);
    }

    // map, select and the like take the name of another filter or test
    private void RefuseUnknownNames(Token filter, ArgumentList arguments)
    {
        int at = filter.Text is "selectattr" or "rejectattr" ? 1 : filter.Text is "map" or "select" or "reject" ? 0 : int.MaxValue;
        if (at >= arguments.Positional.Length || arguments.Positional[at] is not Constant { Value: string name })
            return;
        bool known = filter.Text == "map" ? FilterTable.Find(name) is not null : TestTable.Find(name) is not null;
        if (!known)
            throw tokens.Error($"unknown {(filter.Text == "map" ? "filter" : "test")} '{name}' in '{filter.Text}'", filter);
    }

    private Expression ParseTest(Expression value)
    {
        int offset = tokens.Next().Offset;
        bool negated = tokens.SkipName("not");
        Token name = tokens.ExpectName();
        Test test = TestTable.Find(name.Text) ?? throw tokens.Error($"unknown test '{name.Text}'", name);
        ArgumentList arguments = ArgumentList.Empty;
        if (tokens.Current.IsOperator("("))
            arguments = ParseArguments();
        else if (StartsTestOperand())
            arguments = new ArgumentList([expressions.ParseTestOperand()], [], null, null);
        TestExpression expression = new(name.Offset, value, test, arguments);
        return negated ? new NotExpression(offset, expression) : expression;
    }

    private bool StartsTestOperand()
    {
        Token token = tokens.Current;
        if (token.IsName("is"))
            throw tokens.Error("You cannot chain multiple tests with is");
        return token.Kind is TokenKind.String or TokenKind.Number
            || token.IsOperator("[") || token.IsOperator("{")
            || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and"));
    }
}
