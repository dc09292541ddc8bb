using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The methods of a dict that do not change it.</summary>
internal static class DictMethods
{
    public static readonly Dictionary<string, Method> All = new[]
    {
        Define("items", 0, [], (context, dict, arguments) => new DictView(dict, DictViewKind.Items)),
        Define("keys", 0, [], (context, dict, arguments) => new DictView(dict, DictViewKind.Keys)),
        Define("values", 0, [], (context, dict, arguments) => new DictView(dict, DictViewKind.Values)),
        Define("copy", 0, [], (context, dict, arguments) => dict),
        Define("get", 1, ["key", "default"], (context, dict, arguments) =>
            dict.TryGet(HashKey.Of(context, arguments[0]), out object? value) ? value
            : Argument.Or(arguments[1], null)),
    }.ToDictionary(method => method.Name);

    private static Method Define(string name, int required, string[] parameters, Func<RenderContext, JinjaDict, object?[], object?> body)
    {
        Signature signature = new(name, required, parameters);
        return new Method(name, (context, self, arguments) => body(context, (JinjaDict)self, signature.Bind(context, arguments)));
    }
}
