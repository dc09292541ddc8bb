namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

/// <summary>The parameters of a built-in function, and how arguments are fitted to them.</summary>
internal sealed class Signature
{
    private readonly string _function;
    private readonly int _required;
    private readonly string[] _parameters;

    /// <param name="function">The name that errors use.</param>
    /// <param name="required">How many parameters must be given.</param>
    /// <param name="parameters">The parameters' names in order.</param>
    public Signature(string function, int required, params string[] parameters)
    {
        _function = function;
        _required = required;
        _parameters = parameters;
    }

    /// <summary>One value per parameter; <see cref="Missing.Value"/> for those not given.</summary>
    public object?[] Bind(RenderContext context, CallArguments arguments)
    {
        object?[] given = arguments.Positional;
        if (given.Length > _parameters.Length)
            throw context.Error($"{_function}() takes at most {_parameters.Length} argument{(_parameters.Length == 1 ? "" : "s")} ({given.Length} given)");
        object?[] values = new object?[_parameters.Length];
        given.CopyTo(values, 0);
        values.AsSpan(given.Length).Fill(Missing.Value);
        foreach ((string name, object? value) in arguments.Keywords)
        {
            int at = Array.IndexOf(_parameters, name);
            if (at < 0)
                throw context.Error($"{_function}() got an unexpected keyword argument '{name}'");
            if (values[at] is not Missing)
                throw context.Error($"{_function}() got multiple values for argument '{name}'");
            values[at] = value;
        }
        for (int i = 0; i < _required; i++)
        {
            if (values[i] is Missing)
                throw context.Error($"{_function}() misses its argument '{_parameters[i]}'");
        }
        return values;
    }
}
