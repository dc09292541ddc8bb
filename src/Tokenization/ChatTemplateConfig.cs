using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What a chat template needs of a <c>tokenizer_config.json</c>.</summary>
internal static class ChatTemplateConfig
{
    private const string FileName = "tokenizer_config.json";

    public static JinjaDict Parse(string json) => TemplateInterpreter.ParseJson(json, FileName) as JinjaDict
        ?? throw new ChatTemplateException($"{FileName} is not a JSON object");

    /// <summary>The tokens under names that end with <c>_token</c>, each a text or an object with the text as <c>content</c>.</summary>
    public static Dictionary<string, string> SpecialTokens(JinjaDict config)
    {
        Dictionary<string, string> tokens = new();
        AddTokens(tokens, config);
        if (config.TryGet("extra_special_tokens", out object? extra) && extra is JinjaDict named)
            AddTokens(tokens, named);
        return tokens;
    }

    /// <summary>The added tokens that the file lists with their flags; none where it does not.</summary>
    public static IEnumerable<TemplateToken> AddedTokens(JinjaDict config)
    {
        if (!config.TryGet("added_tokens_decoder", out object? decoder) || decoder is not JinjaDict entries)
            yield break;
        foreach ((_, object? entry) in entries.Entries)
        {
            if (entry is JinjaDict token && token.TryGet("content", out object? content) && content is string { Length: > 0 } text)
                yield return new TemplateToken(text, token.TryGet("special", out object? special) && special is true);
        }
    }

    /// <summary>The template, or the one called "default" of several; null where there is none.</summary>
    public static string? ChatTemplate(JinjaDict config)
    {
        if (!config.TryGet("chat_template", out object? template) || template is null)
            return null;
        if (template is string source)
            return source;
        if (template is not JinjaList list)
            throw new ChatTemplateException($"{FileName}: 'chat_template' is neither a text nor a list of objects with 'name' and 'template'");
        List<string> names = new();
        foreach (object? item in list.Items)
        {
            if (item is not JinjaDict entry || !entry.TryGet("name", out object? name) || name is not string text
                || !entry.TryGet("template", out object? body) || body is not string named)
            {
                throw new ChatTemplateException($"{FileName}: an item of 'chat_template' is not an object with the texts 'name' and 'template'");
            }

            if (text == "default")
                return named;
            names.Add(text);
        }
        throw new ChatTemplateException(
            $"{FileName}: none of the templates in 'chat_template' is called 'default'; there is {(names.Count == 0 ? "none" : string.Join(", ", names))}");
    }

    private static void AddTokens(Dictionary<string, string> tokens, JinjaDict source)
    {
        foreach ((object? key, object? value) in source.Entries)
        {
            if (key is not string name || !name.EndsWith("_token", StringComparison.Ordinal))
                continue;
            if (value is string text || (value is JinjaDict token && token.TryGet("content", out object? content) && (text = (content as string)!) is not null))
                tokens[name] = text;
        }
    }
}
