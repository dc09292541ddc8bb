using MiniMind.MLNet.Dpo.Tokenization.Jinja.Syntax;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>What a macro or <c>call</c> block takes and renders.</summary>
internal sealed class MacroBody
{
    private readonly int _callerName;
    private readonly int _keywordsName;
    private readonly int _extraName;

    public MacroBody(string? name, Parameter[] parameters, Block body, MacroUses uses, NameTable names)
    {
        Name = name;
        Parameters = parameters;
        Body = body;
        TakesCaller = uses.Caller;
        TakesKeywords = uses.Keywords;
        TakesExtra = uses.Extra;
        _callerName = names.NumberOf("caller");
        _keywordsName = names.NumberOf("kwargs");
        _extraName = names.NumberOf("varargs");
    }

    public string? Name { get; }

    public Parameter[] Parameters { get; }

    public Block Body { get; }

    /// <summary>Whether the body uses <c>caller</c>, <c>kwargs</c>, <c>varargs</c>: only then may a call bring them.</summary>
    public bool TakesCaller { get; }

    public bool TakesKeywords { get; }

    public bool TakesExtra { get; }

    /// <summary>A scope for one call, with the arguments in it.</summary>
    public Scope Bind(RenderContext context, Scope outer, CallArguments arguments)
    {
        context.Step(1 + Parameters.Length * (1L + arguments.Keywords.Length / 4));
        Scope scope = new(outer);
        List<KeyValuePair<string, object?>> keywords = new(arguments.Keywords);
        object?[] given = arguments.Positional;
        bool callerIsParameter = false;
        object?[] values = new object?[Parameters.Length];
        for (int i = 0; i < Parameters.Length; i++)
        {
            callerIsParameter |= Parameters[i].Name == "caller";
            values[i] = i < given.Length ? given[i] : Take(keywords, Parameters[i].Name);
        }
        if (TakesCaller && !callerIsParameter)
        {
            object? caller = Take(keywords, "caller");
            scope.Set(_callerName, caller is null or Missing ? Undefined.Because("No caller defined") : caller);
        }
        BindRest(context, scope, keywords, given);
        BindParameters(context, scope, values);
        return scope;
    }

    private static object? Take(List<KeyValuePair<string, object?>> keywords, string name)
    {
        int at = keywords.FindIndex(pair => pair.Key == name);
        if (at < 0)
            return Missing.Value;
        object? value = keywords[at].Value;
        keywords.RemoveAt(at);
        return value;
    }

    private void BindRest(RenderContext context, Scope scope, List<KeyValuePair<string, object?>> keywords, object?[] given)
    {
        if (TakesKeywords)
        {
            JinjaDict rest = new(keywords.Count);
            foreach ((string name, object? value) in keywords)
                rest.Set(name, value);
            scope.Set(_keywordsName, rest);
        }
        else if (keywords.Count > 0)
        {
            throw context.Error(keywords.Exists(pair => pair.Key == "caller")
                ? $"macro {Quoted} was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro {Quoted} takes no keyword argument '{keywords[0].Key}'");
        }
        if (TakesExtra)
            scope.Set(_extraName, new JinjaTuple(given.Length > Parameters.Length ? given[Parameters.Length..] : []));
        else if (given.Length > Parameters.Length)
            throw context.Error($"macro {Quoted} takes not more than {Parameters.Length} argument(s)");
    }

    // in order: a default may use the parameters before it
    private void BindParameters(RenderContext context, Scope scope, object?[] values)
    {
        for (int i = 0; i < Parameters.Length; i++)
        {
            Parameter parameter = Parameters[i];
            object? value = values[i];
            if (value is Missing)
                value = parameter.Default is null ? Undefined.Because($"parameter '{parameter.Name}' was not provided")
                    : parameter.Default.Evaluate(context, scope);
            scope.Set(parameter.Number, value);
        }
    }

    private string Quoted => Name is null ? "None" : $"'{Name}'";
}
