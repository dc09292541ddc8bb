namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A method together with the value it was read from, as in <c>{% set find = text.find %}</c>.</summary>
internal sealed class BoundMethod : ICallable
{
    private readonly object _self;
    private readonly Method _method;

    public BoundMethod(object self, Method method)
    {
        _self = self;
        _method = method;
    }

    public object? Call(RenderContext context, CallArguments arguments) => _method.Body(context, _self, arguments);
}
