namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What <c>joiner(separator)</c> gives: empty at the first call, the separator afterwards.</summary>
internal sealed class Joiner(object? separator) : JinjaObject, ICallable
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override string Description => "jinja2.utils.Joiner object";

    public object? Call(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length + arguments.Keywords.Length > 0)
            throw context.Error("a joiner takes no arguments");
        if (_used)
            return separator;
        _used = true;
        return "";
    }
}
