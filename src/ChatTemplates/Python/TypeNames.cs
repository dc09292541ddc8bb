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
        JinjaObject other => other.TypeName,
        _ => "Undefined",
    };

    /// <summary>A value's type as "has no attribute" messages name it.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        MarkupText => "markupsafe.Markup object",
        JinjaGroup => "jinja2.filters._GroupTuple object",
        JinjaObject other => other.Description,
        _ => Of(value) + " object",
    };
}
