using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Parses expressions by rank of their operators: if, or, and, not, comparisons, + and -, ~, * and /, **, signs.</summary>
internal sealed class ExpressionParser
{
    private static readonly string[] s_comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private readonly TokenStream _tokens;
    private readonly OperandParser _operands;

    public ExpressionParser(TokenStream tokens, ParseState state)
    {
        _tokens = tokens;
        _operands = new OperandParser(tokens, state, this);
    }

    public Expression Parse()
    {
        _tokens.Enter();
        Expression expression = ParseOr();
        int conditions = 0;
        for (; _tokens.SkipName("if"); conditions++)
        {
            _tokens.Enter();
            Expression condition = ParseOr();
            Expression? otherwise = _tokens.SkipName("else") ? Parse() : null;
            expression = new ConditionalExpression(condition, expression, otherwise);
        }
        _tokens.Leave(conditions + 1);
        return expression;
    }

    /// <summary>Expressions with commas between them are a tuple, without brackets around it.</summary>
    /// <param name="conditional">Whether <c>a if b else c</c> may stand outside of brackets.</param>
    /// <param name="end">The name before which a tuple may end, if any.</param>
    /// <param name="bracketed">Whether brackets are around it, so that it may be empty.</param>
    public Expression ParseTuple(bool conditional = true, string? end = null, bool bracketed = false)
    {
        int offset = _tokens.Current.Offset;
        List<Expression> items = new();
        bool isTuple = false;
        while (!AtTupleEnd(end))
        {
            items.Add(conditional ? Parse() : ParseOr());
            if (!_tokens.SkipOperator(","))
                break;
            isTuple = true;
        }
        if (!isTuple && items.Count == 1)
            return items[0];
        if (!isTuple && !bracketed)
            throw _tokens.Error($"expected an expression, got '{_tokens.Current.Describe()}'");
        return new SequenceExpression(offset, [.. items], isTuple: true);
    }

    /// <summary>The operand of <c>is test</c> without brackets.</summary>
    public Expression ParseTestOperand() => _operands.ParsePostfix(_operands.ParsePrimary());

    /// <summary>Filters after a value, at least one of them unless the next token is no <c>|</c>.</summary>
    public Expression ParseFilters(Expression value, bool first = false) => _operands.ParseFilters(value, first);

    public Expression ParseOr()
    {
        _tokens.Enter();
        Expression expression = ParseLogic("or", () => ParseLogic("and", ParseNot));
        _tokens.Leave();
        return expression;
    }

    private bool AtTupleEnd(string? end) =>
        _tokens.Current.Kind is TokenKind.PrintEnd or TokenKind.BlockEnd || _tokens.Current.IsOperator(")") || (end is not null && _tokens.Current.IsName(end));

    private Expression ParseLogic(string name, Func<Expression> parseOperand)
    {
        Expression first = parseOperand();
        if (!_tokens.Current.IsName(name))
            return first;
        List<Expression> operands = new() { first };
        while (_tokens.SkipName(name))
            operands.Add(parseOperand());
        return new LogicExpression(first.Offset, [.. operands], isOr: name == "or");
    }

    private Expression ParseNot()
    {
        if (!_tokens.Current.IsName("not"))
            return ParseComparison();
        _tokens.Enter();
        int offset = _tokens.Next().Offset;
        NotExpression expression = new(offset, ParseNot());
        _tokens.Leave();
        return expression;
    }

    private Expression ParseComparison()
    {
        Expression first = ParseSum();
        List<(string, int, Expression)> rest = new();
        while (ReadComparison() is (string operation, int offset))
            rest.Add((operation, offset, ParseSum()));
        return rest.Count == 0 ? first : new CompareExpression(first, [.. rest]);
    }

    private (string Operator, int Offset)? ReadComparison()
    {
        Token token = _tokens.Current;
        if (token.Kind == TokenKind.Operator && s_comparisons.Contains(token.Text))
            return (_tokens.Next().Text, token.Offset);
        if (_tokens.SkipName("in"))
            return ("in", token.Offset);
        if (!token.IsName("not") || !_tokens.Following.IsName("in"))
            return null;
        _tokens.Next();
        _tokens.Next();
        return ("not in", token.Offset);
    }

    private Expression ParseSum() => ParseArithmetic(["+", "-"], ParseConcat);

    private Expression ParseConcat()
    {
        Expression first = ParseProduct();
        if (!_tokens.Current.IsOperator("~"))
            return first;
        List<Expression> operands = new() { first };
        while (_tokens.SkipOperator("~"))
            operands.Add(ParseProduct());
        return new ConcatExpression(first.Offset, [.. operands]);
    }

    private Expression ParseProduct() => ParseArithmetic(["*", "/", "//", "%"], ParsePower);

    // Jinja's ** goes from the left too, unlike Python's
    private Expression ParsePower() => ParseArithmetic(["**"], _operands.Parse);

    private Expression ParseArithmetic(ReadOnlySpan<string> operators, Func<Expression> parseOperand)
    {
        Expression first = parseOperand();
        List<(string, int, Expression)>? rest = null;
        while (_tokens.Current.Kind == TokenKind.Operator && operators.Contains(_tokens.Current.Text))
        {
            Token operation = _tokens.Next();
            (rest ??= []).Add((operation.Text, operation.Offset, parseOperand()));
        }
        return rest is null ? first : new ArithmeticExpression(first, [.. rest]);
    }
}
