using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>Which methods a value of each type has in a template.</summary>
internal static class MethodTable
{
    // those of Python that change a list or dict: the sandbox hides them
    private static readonly HashSet<string> s_listChanges = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> s_dictChanges = ["clear", "pop", "popitem", "setdefault", "update"];
    private static readonly HashSet<string> s_otherCallables = ["cycle", "changed", "next", "reset", "format"];

    // apart from the other methods of strings, since its fields may name attributes
    private static readonly Method s_format = new("format", (context, self, arguments) => self is string text
        ? BraceFormat.Apply(context, text, arguments)
        : throw context.Error("formatting text that is marked safe is not supported"));

    /// <summary>The method that a value has under a name, or null.</summary>
    public static Method? Find(object? value, string name) => value switch
    {
        string or MarkupText => name == s_format.Name ? s_format : StringMethods.All.GetValueOrDefault(name),
        JinjaDict => DictMethods.All.GetValueOrDefault(name),
        JinjaSequence => SequenceMethods.All.GetValueOrDefault(name),
        _ => null,
    };

    /// <summary>Whether Python has the method but the sandbox hides it.</summary>
    public static bool IsRefused(object? value, string name) =>
        (value is JinjaList && s_listChanges.Contains(name)) || (value is JinjaDict && s_dictChanges.Contains(name));

    /// <summary>Whether a value of any type can have something to call under this name.</summary>
    public static bool IsKnown(string name) =>
        StringMethods.All.ContainsKey(name) || DictMethods.All.ContainsKey(name) || SequenceMethods.All.ContainsKey(name)
        || s_otherCallables.Contains(name) || s_listChanges.Contains(name) || s_dictChanges.Contains(name);
}
