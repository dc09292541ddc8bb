using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>What is said where a template does something with an undefined value.</summary>
internal static class UndefinedUse
{
    public static TemplateException Error(this Undefined undefined, RenderContext context)
    {
        if (undefined.Hint is { } hint)
            return context.Error(hint);
        string name = PythonRepr.Of(context, undefined.Name);
        return context.Error(
            undefined.Owner is Missing ? $"{name} is undefined"
            : undefined.Name is string ? $"'{TypeNames.Describe(undefined.Owner)}' has no attribute {name}"
            : $"{TypeNames.Describe(undefined.Owner)} has no element {name}");
    }
}
