namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A function that every template has, such as <c>range</c>, or a method of a value, as in <c>{% set find = text.find %}</c>.</summary>
internal sealed class BuiltinFunction(string name, Func<RenderContext, CallArguments, object?> body) : JinjaObject, ICallable
{
    public string Name => name;

    public override string TypeName => "builtin_function_or_method";

    public object? Call(RenderContext context, CallArguments arguments) => body(context, arguments);
}
