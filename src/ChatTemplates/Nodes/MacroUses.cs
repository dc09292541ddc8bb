namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>Which of the names that Jinja gives to macros a macro's body uses.</summary>
internal sealed class MacroUses
{
    public bool Caller { get; private set; }

    public bool Keywords { get; private set; }

    public bool Extra { get; private set; }

    /// <summary>Notes that the body names a variable.</summary>
    public void Note(string name)
    {
        Caller |= name == "caller";
        Keywords |= name == "kwargs";
        Extra |= name == "varargs";
    }
}
