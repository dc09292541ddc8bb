using MiniMind.MLNet.Dpo.ChatTemplates.Python;
using MiniMind.MLNet.Dpo.ChatTemplates.Syntax;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A parameter of a macro.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">The number of its name.</param>
/// <param name="Default">What it is when not given, if the macro says so.</param>
internal sealed record Parameter(string Name, int Number, Expression? Default);

/// <summary>Which of the names that Jinja gives to macros a macro's body uses.</summary>
internal sealed class MacroUses
{
    public bool Caller { get; private set; }

    public bool Keywords { get; private set; }

    public bool Extra { get; private set; }

    /// <summary>Notes that the body names a variable.</summary>
    public void Note(string name)
    {
        Caller |= name == "caller";
        Keywords |= name == "kwargs";
        Extra |= name == "varargs";
    }
}

/// <summary>What a macro or <c>call</c> block takes and renders.</summary>
internal sealed class MacroBody(string? name, Parameter[] parameters, Block body, MacroUses uses, NameTable names)
{
    private readonly int _callerName = names.NumberOf("caller"), _keywordsName = names.NumberOf("kwargs"), _extraName = names.NumberOf("varargs");

    public string? Name => name;

    public Parameter[] Parameters => parameters;

    public Block Body => body;

    /// <summary>Whether the body uses <c>caller</c>, <c>kwargs</c>, <c>varargs</c>: only then may a call bring them.</summary>
    public bool TakesCaller => uses.Caller;

    public bool TakesKeywords => uses.Keywords;

    public bool TakesExtra => uses.Extra;

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
            if (value is Missing && parameter.Default is null)
                value = Undefined.Because($"parameter '{parameter.Name}' was not provided");
            else if (value is Missing)
                value = parameter.Default!.Evaluate(context, scope);
            scope.Set(parameter.Number, value);
        }
    }

    private string Quoted => Name is null ? "None" : $"'{Name}'";
}

/// <summary><c>{% macro name(parameters) %} … {% endmacro %}</c></summary>
internal sealed class MacroStatement(int offset, int name, MacroBody body) : PlainStatement(offset)
{
    protected override void Run(RenderContext context, Scope scope) => scope.Set(name, new Macro(body, scope));
}

/// <summary><c>{% call(parameters) macro(arguments) %} … {% endcall %}</c>: the macro renders the body where it calls <c>caller()</c>.</summary>
internal sealed class CallStatement(int offset, CallExpression call, MacroBody body) : PlainStatement(offset)
{
    protected override void Run(RenderContext context, Scope scope)
    {
        object? result = call.Call(context, scope, new Macro(body, scope));
        context.At(Offset);
        context.Output.Append(PythonRepr.Text(context, result));
    }
}

/// <summary><c>{% generation %} … {% endgeneration %}</c>: what the model itself wrote, noted for training masks.</summary>
/// <remarks>Jinja runs the body as a macro that is called on the spot.</remarks>
internal sealed class GenerationStatement(int offset, MacroBody body) : PlainStatement(offset)
{
    protected override void Run(RenderContext context, Scope scope)
    {
        int start = context.BeginGeneration();
        body.Body.Execute(context, body.Bind(context, scope, CallArguments.Empty));
        context.EndGeneration(start);
    }
}
