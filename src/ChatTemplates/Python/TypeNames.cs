using System.Numerics;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>The names that Python's error messages give to types.</summary>
internal static class TypeNames
{
    public static string Of(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        MarkupText => "Markup",
        JinjaList => "list",
        JinjaGroup => "_GroupTuple",
        JinjaTuple => "tuple",
        JinjaDict => "dict",
        DictView view => view.Kind switch { DictViewKind.Keys => "dict_keys", DictViewKind.Values => "dict_values", _ => "dict_items" },
        JinjaRange => "range",
        JinjaGenerator generator => generator.TypeName,
        Undefined => "Undefined",
        JinjaNamespace => "Namespace",
        LoopState => "LoopContext",
        Macro => "Macro",
        Cycler => "Cycler",
        Joiner => "Joiner",
        _ => "builtin_function_or_method",
    };

    /// <summary>A value's type as "has no attribute" messages name it.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        MarkupText => "markupsafe.Markup object",
        JinjaNamespace => "jinja2.utils.Namespace object",
        Cycler => "jinja2.utils.Cycler object",
        Joiner => "jinja2.utils.Joiner object",
        LoopState => "jinja2.runtime.LoopContext object",
        Macro => "jinja2.runtime.Macro object",
        JinjaGroup => "jinja2.filters._GroupTuple object",
        _ => Of(value) + " object",
    };
}
