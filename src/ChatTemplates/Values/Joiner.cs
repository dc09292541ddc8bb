namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What <c>joiner(separator)</c> gives: empty at the first call, the separator afterwards.</summary>
internal sealed class Joiner : ICallable
{
    private readonly object? _separator;
    private bool _used;

    public Joiner(object? separator) => _separator = separator;

    public object? Call(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length + arguments.Keywords.Length > 0)
            throw context.Error("a joiner takes no arguments");
        if (_used)
            return _separator;
        _used = true;
        return "";
    }
}
