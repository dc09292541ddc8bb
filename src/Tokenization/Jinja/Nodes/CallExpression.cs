using MiniMind.MLNet.Dpo.Tokenization.Jinja.Builtins;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;
using MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary><c>function(arguments)</c> or <c>value.method(arguments)</c></summary>
internal sealed class CallExpression : Expression
{
    private readonly Expression _function;
    private readonly ArgumentList _arguments;

    public CallExpression(int offset, Expression function, ArgumentList arguments)
        : base(offset)
    {
        _function = function;
        _arguments = arguments;
    }

    protected override object? EvaluateInside(RenderContext context, Scope scope) => Call(context, scope, null);

    /// <summary>Calls the function, with the body of a <c>call</c> block as one more keyword argument if there is one.</summary>
    public object? Call(RenderContext context, Scope scope, Macro? caller)
    {
        object? function;
        if (_function is AttributeExpression attribute)
        {
            // a method of a built-in type is called without making a value of it first
            object? target = attribute.Target.Evaluate(context, scope);
            context.At(attribute.Offset);
            if (MethodTable.Find(target, attribute.Name) is { } method)
            {
                CallArguments given = _arguments.Evaluate(context, scope);
                context.At(Offset);
                return method.Body(context, target!, given);
            }
            function = Attributes.Get(context, target, attribute.Name);
        }
        else
        {
            function = _function.Evaluate(context, scope);
        }

        CallArguments arguments = _arguments.Evaluate(context, scope);
        context.At(Offset);
        if (caller is not null)
            arguments = new CallArguments(arguments.Positional, [.. arguments.Keywords, new("caller", caller)]);
        return function switch
        {
            ICallable callable => callable.Call(context, arguments),
            Undefined undefined => throw undefined.Error(context),
            _ => throw context.Error($"'{TypeNames.Of(function)}' object is not callable"),
        };
    }
}
