namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>The parameters of a built-in function, and how arguments are fitted to them.</summary>
/// <param name="function">The name that errors use.</param>
/// <param name="required">How many parameters must be given.</param>
/// <param name="parameters">The parameters' names in order.</param>
internal sealed class Signature(string function, int required, params string[] parameters)
{
    /// <summary>One value per parameter; <see cref="Missing.Value"/> for those not given.</summary>
    public object?[] Bind(RenderContext context, CallArguments arguments)
    {
        object?[] given = arguments.Positional;
        if (given.Length > parameters.Length)
            throw context.Error($"{function}() takes at most {parameters.Length} argument{(parameters.Length == 1 ? "" : "s")} ({given.Length} given)");
        object?[] values = new object?[parameters.Length];
        given.CopyTo(values, 0);
        values.AsSpan(given.Length).Fill(Missing.Value);
        foreach ((string name, object? value) in arguments.Keywords)
        {
            int at = Array.IndexOf(parameters, name);
            if (at < 0)
                throw context.Error($"{function}() got an unexpected keyword argument '{name}'");
            if (values[at] is not Missing)
                throw context.Error($"{function}() got multiple values for argument '{name}'");
            values[at] = value;
        }
        for (int i = 0; i < required; i++)
        {
            if (values[i] is Missing)
                throw context.Error($"{function}() misses its argument '{parameters[i]}'");
        }

        return values;
    }
}
