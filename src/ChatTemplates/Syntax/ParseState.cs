using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;
using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>What the parsers note about a template on the way.</summary>
internal sealed class ParseState
{
    private readonly List<Token> _unknownMethods = [];
    private readonly HashSet<string> _attributesMade = [];
    private readonly Stack<MacroUses> _macros = new();
    private readonly HashSet<string> _inputs = [];
    private readonly HashSet<string> _given = [];

    public NameTable Names { get; } = new();

    /// <summary>Variables that are read where nothing before in the template has given them a value.</summary>
    public IReadOnlyCollection<string> Inputs => _inputs;

    /// <summary>How many loops of the current macro are around the current place.</summary>
    public int Loops { get; set; }

    /// <summary>Whether there is a <c>{% generation %}</c> block.</summary>
    public bool MarksGeneration { get; set; }

    public void BeginMacro(MacroUses uses) => _macros.Push(uses);

    public void EndMacro() => _macros.Pop();

    /// <summary>The number of a variable that is read.</summary>
    public int Use(string name)
    {
        foreach (MacroUses macro in _macros)
            macro.Note(name);
        if (!_given.Contains(name))
            _inputs.Add(name);
        return Names.NumberOf(name);
    }

    /// <summary>Notes that the template gives variables values from here on.</summary>
    /// <returns>Those that had none, for <see cref="TakeBack"/> where the values end with a block.</returns>
    public string[] Give(IEnumerable<string> names) => [.. names.Where(_given.Add)];

    /// <summary>Notes that variables no longer have the values that the template gave them.</summary>
    public void TakeBack(string[] names) => _given.ExceptWith(names);

    /// <summary>Notes that a value in the template has an attribute of this name: a namespace or a dict.</summary>
    public void NoteAttribute(string name) => _attributesMade.Add(name);

    public void NoteMethodCall(Token name)
    {
        if (!MethodTable.IsKnown(name.Text))
            _unknownMethods.Add(name);
    }

    /// <summary>Refuses calls of methods that no value can have.</summary>
    public void RefuseUnknownMethods(TokenStream tokens)
    {
        foreach (Token method in _unknownMethods)
        {
            if (!_attributesMade.Contains(method.Text))
                throw tokens.Error($"unknown method '{method.Text}'", method);
        }
    }
}
