using MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Syntax;

/// <summary>Parses what values are put into: a name, several names, an attribute of a namespace.</summary>
internal sealed class TargetParser
{
    private readonly TokenStream _tokens;
    private readonly ParseState _state;
    private readonly List<string> _names = [];

    public TargetParser(TokenStream tokens, ParseState state)
    {
        _tokens = tokens;
        _state = state;
    }

    /// <summary>Takes the names that were parsed as targets since it was last asked.</summary>
    public string[] TakeNames()
    {
        string[] names = [.. _names];
        _names.Clear();
        return names;
    }

    /// <param name="withNamespace">Whether <c>name.attribute</c> is a target.</param>
    public AssignmentTarget Parse(bool withNamespace = false)
    {
        int offset = _tokens.Current.Offset;
        AssignmentTarget first = ParseOne(withNamespace);
        if (!_tokens.Current.IsOperator(","))
            return first;
        List<AssignmentTarget> targets = new() { first };
        while (_tokens.SkipOperator(",") && !AtEnd())
            targets.Add(ParseOne(withNamespace));
        return new TupleTarget(offset, [.. targets]);
    }

    /// <summary>A name alone: of a macro, or of a parameter.</summary>
    public string ParseName()
    {
        Token name = _tokens.ExpectName();
        if (name.Text is "true" or "True" or "false" or "False" or "none" or "None" or "self" or "super")
            throw _tokens.Error($"can't assign to '{name.Text}'", name);
        if (name.Text == "loop" && _state.Loops > 0)
            throw _tokens.Error("can't assign to special loop variable in for-loop", name);
        return name.Text;
    }

    private bool AtEnd() => _tokens.Current.Kind is TokenKind.BlockEnd || _tokens.Current.IsOperator("=") || _tokens.Current.IsOperator(")")
        || _tokens.Current.IsName("in");

    private AssignmentTarget ParseOne(bool withNamespace)
    {
        Token token = _tokens.Current;
        if (_tokens.SkipOperator("("))
        {
            _tokens.Enter();
            AssignmentTarget inside = Parse(withNamespace);
            _tokens.ExpectOperator(")");
            _tokens.Leave();
            return inside;
        }
        if (!withNamespace || !_tokens.Following.IsOperator("."))
        {
            string name = ParseName();
            _names.Add(name);
            return new NameTarget(_state.Names.NumberOf(name));
        }
        _tokens.ExpectName();
        _tokens.Next();
        string attribute = _tokens.ExpectName().Text;
        _state.NoteAttribute(attribute);
        return new NamespaceTarget(new VariableExpression(token.Offset, token.Text, _state.Use(token.Text)), attribute);
    }
}
