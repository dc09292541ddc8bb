using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Builtins;

/// <summary>The methods of what <c>cycler(...)</c> gives.</summary>
internal static class CyclerMethods
{
    private static readonly Signature s_nextParameters = new("next", 0);
    private static readonly Signature s_resetParameters = new("reset", 0);

    public static readonly Dictionary<string, Method> All = new Method[]
    {
        new("next", (context, self, arguments) =>
        {
            s_nextParameters.Bind(context, arguments);
            return ((Cycler)self).Next();
        }),
        new("reset", (context, self, arguments) =>
        {
            s_resetParameters.Bind(context, arguments);
            ((Cycler)self).Reset();
            return null;
        }),
    }.ToDictionary(method => method.Name);
}
