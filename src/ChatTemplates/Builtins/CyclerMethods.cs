using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>The methods of what <c>cycler(...)</c> gives.</summary>
internal static class CyclerMethods
{
    private static readonly Signature NextParameters = new("next", 0);
    private static readonly Signature ResetParameters = new("reset", 0);

    public static readonly Dictionary<string, Method> All = new Method[]
    {
        new("next", (context, self, arguments) =>
        {
            NextParameters.Bind(context, arguments);
            return ((Cycler)self).Next();
        }),
        new("reset", (context, self, arguments) =>
        {
            ResetParameters.Bind(context, arguments);
            ((Cycler)self).Reset();
            return null;
        }),
    }.ToDictionary(method => method.Name);
}
