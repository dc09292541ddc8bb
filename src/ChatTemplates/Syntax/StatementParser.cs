using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Parses single tags with the bodies they have.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ParseState _state;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private readonly TemplateParser _template;

    public StatementParser(TokenStream tokens, ParseState state, ExpressionParser expressions, TemplateParser template)
    {
        _tokens = tokens;
        _state = state;
        _expressions = expressions;
        _targets = new TargetParser(tokens, state);
        _template = template;
    }

    /// <summary>The statement whose tag name is the current token, up to the end of its last tag.</summary>
    public Statement Parse()
    {
        if (_tokens.Current.Kind != TokenKind.Name)
            throw _tokens.Error("tag name expected");
        Token tag = _tokens.Next();
        return tag.Text switch
        {
            "if" => ParseIf(tag),
            "for" => ParseFor(tag),
            "set" => ParseSet(tag),
            "macro" => ParseMacro(tag),
            "call" => ParseCall(tag),
            "filter" => ParseFilter(tag),
            "with" => ParseWith(tag),
            "generation" => ParseGeneration(tag),
            "print" => ParsePrint(tag),
            "break" or "continue" => ParseJump(tag),
            "include" or "import" or "from" or "extends" or "block" =>
                throw _tokens.Error($"the tag '{tag.Text}' is not supported: a chat template stands alone", tag),
            "elif" or "else" or "endif" or "endfor" or "endset" or "endmacro" or "endcall" or "endfilter" or "endwith" or "endgeneration" =>
                throw _tokens.Error($"the tag '{tag.Text}' closes nothing that is open here", tag),
            _ => throw _tokens.Error($"unknown tag '{tag.Text}'", tag),
        };
    }

    private Block ParsePrint(Token tag)
    {
        List<Statement> prints = new();
        do
            prints.Add(new PrintStatement(_tokens.Current.Offset, _expressions.Parse()));
        while (_tokens.SkipOperator(","));
        return new Block(tag.Offset, [.. prints]);
    }

    private IfStatement ParseIf(Token tag)
    {
        List<(Expression, Block)> branches = new();
        do
        {
            Expression condition = _expressions.ParseTuple(conditional: false);
            branches.Add((condition, _template.ParseBody(tag, "elif", "else", "endif")));
        }
        while (_tokens.SkipName("elif"));
        Block? otherwise = _tokens.SkipName("else") ? _template.ParseBody(tag, "endif") : null;
        _tokens.ExpectName("endif");
        return new IfStatement(tag.Offset, [.. branches], otherwise);
    }

    private ForStatement ParseFor(Token tag)
    {
        _state.Loops++;
        AssignmentTarget target = _targets.Parse();
        string[] names = _targets.TakeNames();
        _state.Loops--;
        _tokens.ExpectName("in");
        Expression items = _expressions.ParseTuple(conditional: false, end: "recursive");
        string[] given = _state.Give([.. names, "loop"]);
        Expression? filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        bool isRecursive = _tokens.SkipName("recursive");
        _state.Loops++;
        Block body = _template.ParseBody(tag, "endfor", "else");
        _state.Loops--;
        _state.TakeBack(given);
        Block? otherwise = _tokens.SkipName("else") ? _template.ParseBody(tag, "endfor") : null;
        _tokens.ExpectName("endfor");
        return new ForStatement(tag.Offset, target, items, filter, isRecursive, body, otherwise, _state.Names.NumberOf("loop"));
    }

    private Statement ParseSet(Token tag)
    {
        AssignmentTarget target = _targets.Parse(withNamespace: true);
        string[] names = _targets.TakeNames();
        Statement set;
        if (_tokens.SkipOperator("="))
        {
            set = new SetStatement(tag.Offset, target, _expressions.ParseTuple());
        }
        else
        {
            (Expression result, int name) = ParseResult(tag, first: false);
            set = new CaptureStatement(tag.Offset, target, result, name, _template.ParseWholeBody(tag, "endset"));
        }
        _state.Give(names);
        return set;
    }

    private CaptureStatement ParseFilter(Token tag)
    {
        (Expression result, int name) = ParseResult(tag, first: true);
        return new CaptureStatement(tag.Offset, null, result, name, _template.ParseWholeBody(tag, "endfilter"));
    }

    // the name cannot be written in a template, so that no variable has it
    private (Expression Result, int Name) ParseResult(Token tag, bool first)
    {
        int name = _state.Names.NumberOf("the captured text");
        return (_expressions.ParseFilters(new CapturedText(tag.Offset, name), first), name);
    }

    private MacroStatement ParseMacro(Token tag)
    {
        string name = _targets.ParseName();
        _state.Give([name]);
        MacroBody body = ParseMacroBody(tag, name, ParseParameters, "endmacro");
        return new MacroStatement(tag.Offset, _state.Names.NumberOf(name), body);
    }

    private CallStatement ParseCall(Token tag)
    {
        Parameter[] parameters = _tokens.Current.IsOperator("(") ? ParseParameters() : [];
        Token at = _tokens.Current;
        if (_expressions.Parse() is not CallExpression call)
            throw _tokens.Error("the tag 'call' needs a call of a macro", at);
        return new CallStatement(tag.Offset, call, ParseMacroBody(tag, null, () => parameters, "endcall"));
    }

    private MacroBody ParseMacroBody(Token tag, string? name, Func<Parameter[]> parseParameters, string end)
    {
        MacroUses uses = new();
        Parameter[] parameters = parseParameters();
        string[] given = _state.Give([.. parameters.Select(parameter => parameter.Name), "caller", "varargs", "kwargs"]);
        int loops = _state.Loops;
        _state.Loops = 0;
        _state.BeginMacro(uses);
        Block body = _template.ParseWholeBody(tag, end);
        _state.EndMacro();
        _state.TakeBack(given);
        _state.Loops = loops;
        return new MacroBody(name, parameters, body, uses, _state.Names);
    }

    private Parameter[] ParseParameters()
    {
        List<Parameter> parameters = new();
        HashSet<string> names = new();
        _tokens.ExpectOperator("(");
        while (!_tokens.SkipOperator(")"))
        {
            if (parameters.Count > 0)
                _tokens.ExpectOperator(",");
            Token at = _tokens.Current;
            string name = _targets.ParseName();
            Expression? missing = _tokens.SkipOperator("=") ? _expressions.Parse() : null;
            if (missing is null && parameters is [.., { Default: not null }])
                throw _tokens.Error("non-default argument follows default argument", at);
            if (!names.Add(name))
                throw _tokens.Error($"the parameter '{name}' is there twice", at);
            parameters.Add(new Parameter(name, _state.Names.NumberOf(name), missing));
        }
        return [.. parameters];
    }

    private WithStatement ParseWith(Token tag)
    {
        List<(AssignmentTarget, Expression)> assignments = new();
        List<string> names = new();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
                _tokens.ExpectOperator(",");
            AssignmentTarget target = _targets.Parse();
            names.AddRange(_targets.TakeNames());
            _tokens.ExpectOperator("=");
            assignments.Add((target, _expressions.Parse()));
        }
        string[] given = _state.Give(names);
        Block body = _template.ParseWholeBody(tag, "endwith");
        _state.TakeBack(given);
        return new WithStatement(tag.Offset, [.. assignments], body);
    }

    private GenerationStatement ParseGeneration(Token tag)
    {
        _state.MarksGeneration = true;
        return new GenerationStatement(tag.Offset, ParseMacroBody(tag, null, () => [], "endgeneration"));
    }

    private LoopJump ParseJump(Token tag) => _state.Loops > 0
        ? new LoopJump(tag.Offset, tag.Text == "break" ? Flow.Break : Flow.Continue)
        : throw _tokens.Error($"'{tag.Text}' outside of a loop", tag);
}
