namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A function that every template has: <c>range</c>, <c>namespace</c>, <c>raise_exception</c> and the like.</summary>
internal sealed class BuiltinFunction : ICallable
{
    private readonly Func<RenderContext, CallArguments, object?> _body;

    public BuiltinFunction(string name, Func<RenderContext, CallArguments, object?> body)
    {
        Name = name;
        _body = body;
    }

    public string Name { get; }

    public object? Call(RenderContext context, CallArguments arguments) => _body(context, arguments);
}
