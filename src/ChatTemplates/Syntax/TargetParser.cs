using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Parses what values are put into: a name, several names, an attribute of a namespace.</summary>
internal sealed class TargetParser(TokenStream tokens, ParseState state)
{
    private readonly List<string> _names = [];

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
        int offset = tokens.Current.Offset;
        AssignmentTarget first = ParseOne(withNamespace);
        if (!tokens.Current.IsOperator(","))
            return first;
        List<AssignmentTarget> targets = new() { first };
        while (tokens.SkipOperator(",") && !AtEnd())
            targets.Add(ParseOne(withNamespace));
        return new TupleTarget(offset, [.. targets]);
    }

    /// <summary>A name alone: of a macro, or of a parameter.</summary>
    public string ParseName()
    {
        Token name = tokens.ExpectName();
        if (name.Text is "true" or "True" or "false" or "False" or "none" or "None" or "self" or "super")
            throw tokens.Error($"can't assign to '{name.Text}'", name);
        if (name.Text == "loop" && state.Loops > 0)
            throw tokens.Error("can't assign to special loop variable in for-loop", name);
        return name.Text;
    }

    private bool AtEnd() =>
        tokens.Current.Kind is TokenKind.BlockEnd || tokens.Current.IsOperator("=") || tokens.Current.IsOperator(")") || tokens.Current.IsName("in");

    private AssignmentTarget ParseOne(bool withNamespace)
    {
        Token token = tokens.Current;
        if (tokens.SkipOperator("("))
        {
            tokens.Enter();
            AssignmentTarget inside = Parse(withNamespace);
            tokens.ExpectOperator(")");
            tokens.Leave();
            return inside;
        }
        if (!withNamespace || !tokens.Following.IsOperator("."))
        {
            string name = ParseName();
            _names.Add(name);
            return new NameTarget(state.Names.NumberOf(name));
        }
        tokens.ExpectName();
        tokens.Next();
        string attribute = tokens.ExpectName().Text;
        state.NoteAttribute(attribute);
        return new NamespaceTarget(new VariableExpression(token.Offset, token.Text, state.Use(token.Text)), attribute);
    }
}
