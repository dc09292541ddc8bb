using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>A filter: what stands after a <c>|</c>.</summary>
/// <param name="Name">The name in templates.</param>
/// <param name="Body">Computes the result from the value filtered and the arguments.</param>
internal sealed record Filter(string Name, Func<RenderContext, object?, CallArguments, object?> Body)
{
    /// <summary>A filter with parameters; those not given are <see cref="Missing.Value"/>.</summary>
    public static Filter Define(string name, int required, string[] parameters, Func<RenderContext, object?, object?[], object?> body)
    {
        Signature signature = new(name, required, parameters);
        return new Filter(name, (context, value, arguments) => body(context, value, signature.Bind(context, arguments)));
    }

    /// <summary>A filter without parameters.</summary>
    public static Filter Define(string name, Func<RenderContext, object?, object?> body) =>
        Define(name, 0, [], (context, value, _) => body(context, value));
}
