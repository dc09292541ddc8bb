using MiniMind.MLNet.Dpo.ChatTemplates;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Calls of the interpreter of templates, whose errors come out as <see cref="ChatTemplateException"/>.</summary>
internal static class TemplateInterpreter
{
    public static JinjaTemplate Parse(string source) => Translated(() => JinjaTemplate.Parse(source));

    /// <summary>Renders a template; see <see cref="JinjaTemplate.Render"/>.</summary>
    public static string Render(
        JinjaTemplate template, IEnumerable<KeyValuePair<string, object?>> variables, RenderLimits limits, TimeProvider clock,
        ICollection<(int Start, int Length)>? spans) =>
        Translated(() => template.Render(variables, limits, clock, spans));

    /// <summary>The value in a JSON text; <paramref name="what"/> is what errors call it.</summary>
    public static object? ParseJson(string json, string what) => Translated(() => JsonValues.Parse(json, what));

    /// <summary>The array in a JSON text; <paramref name="what"/> is what errors call it.</summary>
    public static JinjaList ParseArray(string json, string what) => Translated(() => JsonValues.ParseArray(json, what));

    private static T Translated<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (TemplateException error)
        {
            throw new ChatTemplateException(error.Reason, error.Line, error.Column, error);
        }
    }
}
