using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Python;

/// <summary>Whether Python takes a value for true.</summary>
internal static class Truth
{
    public static bool Of(RenderContext context, object? value) => value switch
    {
        bool truth => truth,
        null or Undefined => false,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        JinjaSequence sequence => sequence.Items.Length > 0,
        JinjaDict dict => dict.Count > 0,
        MarkupText markup => markup.Text.Length > 0,
        DictView view => view.Dict.Count > 0,
        JinjaRange range => range.Count > 0,
        JinjaObject other => other.Length(context) != 0,
        _ => true,
    };
}
