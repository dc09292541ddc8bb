using System.Buffers;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>
/// Renders conversations for <see cref="HuggingFaceTokenizer.EncodeRendered"/>: control tokens that contents spell are marked as the text that they look like,
/// or whatever the policy says.
/// </summary>
/// <remarks>Thread-safe. A conversation that spells no control token is rendered as the template does, once and unchanged.</remarks>
internal sealed class ConversationText(ChatTemplate template, ControlTokenPolicy policy)
{
    private readonly Lazy<ContentMarker> _marker = new(() => new ContentMarker(template.ControlTokens));
    private readonly Lazy<RenderedContents> _rendered = new(() => new RenderedContents(template, template.ControlTokens));
    private readonly Lazy<TokenSpellings> _spellings = new(
        () => new TokenSpellings([.. template.ControlTokens.InContents.Union(template.ControlTokens.InAnswers)]));
    private readonly SearchValues<char> _suspects = SearchValues.Create(
        [.. template.Tokens.Select(token => token.Content[0]).Append(LiteralText.Mark).Distinct()]);

    /// <summary>The text of a conversation, with the marks of <see cref="LiteralText"/>.</summary>
    /// <param name="messagesJson">The messages, a JSON array.</param>
    /// <param name="options">What else the template gets.</param>
    /// <exception cref="ChatTemplateException">See <see cref="ChatTemplate.Render(string, ChatTemplateOptions?)"/>.</exception>
    /// <exception cref="InvalidDataException">The policy does not take the contents as they are; the message says why and what would.</exception>
    public string Render(string messagesJson, ChatTemplateOptions options)
    {
        if (policy == ControlTokenPolicy.Rendered)
            return RenderedAlready(messagesJson);
        string plain = template.Render(messagesJson, options);
        if (policy == ControlTokenPolicy.AsTokens || !IsSuspect(messagesJson) && !(options.ToolsJson is { } tools && IsSuspect(tools)))
            return Unmarked(plain);

        JinjaList messages = TemplateInterpreter.ParseArray(messagesJson, "the messages");
        if (policy == ControlTokenPolicy.Refuse)
            RefuseTokens(messages);
        if (policy == ControlTokenPolicy.AsText)
            RefuseRendered(messages);
        if (template.RenderMarked(messagesJson, options, _marker.Value) is not { } marked)
            return Unmarked(plain);
        LiteralText literal = LiteralText.Read(marked);
        if (literal.Text != plain)
        {
            throw new InvalidDataException(
                $"{Spelled(messages)}, and the chat template looks into contents or changes them, so that it cannot be told apart from the template's " +
                    $"own tokens; " +
                $"mend the row, or set ControlTokens to {nameof(ControlTokenPolicy)}.{nameof(ControlTokenPolicy.AsTokens)} if it is meant as the token");
        }
        return (literal with { Literals = [.. literal.Literals.Where(place => _spellings.Value.At(plain, place) is not null)] }).Write();
    }

    // a content's own noncharacters are doubled, for the tokenizer's step takes them for marks
    private static string Unmarked(string text) => LiteralText.IsMarked(text) ? new LiteralText(text, []).Write() : text;

    private bool IsSuspect(string json) => json.AsSpan().IndexOfAny(_suspects) >= 0 || json.Contains("\\u", StringComparison.Ordinal);

    private string Spelled(JinjaList messages)
    {
        for (int i = 0; i < messages.Items.Length; i++)
        {
            if (_marker.Value.SpelledIn(messages.Items[i]) is { } token)
                return $"message {i + 1} ('{Text(messages.Items[i], "role")}') spells the control token '{token}'";
        }

        return "a tool's description spells a control token, or a content ends with the beginning of one";
    }

    private void RefuseTokens(JinjaList messages)
    {
        if (messages.Items.Any(message => _marker.Value.SpelledIn(message) is not null))
        {
            throw new InvalidDataException(
                $"{Spelled(messages)}; mend the row, or set ControlTokens to another {nameof(ControlTokenPolicy)}, such as " +
                $"{nameof(ControlTokenPolicy.AsText)}");
        }
    }

    private void RefuseRendered(JinjaList messages)
    {
        for (int i = 0; i < messages.Items.Length; i++)
        {
            string role = Text(messages.Items[i], "role");
            if (_rendered.Value.Evidence(role, Text(messages.Items[i], "content")) is not { } evidence)
                continue;
            throw new InvalidDataException(
                $"message {i + 1} ('{role}') is rendered already: {evidence}, and the chat template would be applied a second time. Give the messages' " +
                    $"bare texts, " +
                $"or set ControlTokens to {nameof(ControlTokenPolicy)}.{nameof(ControlTokenPolicy.Rendered)} to take the contents as they stand without " +
                    $"the template, " +
                $"or to {nameof(ControlTokenPolicy.AsTextUnchecked)} if they quote it");
        }
    }

    private string RenderedAlready(string messagesJson)
    {
        JinjaList messages = TemplateInterpreter.ParseArray(messagesJson, "the messages");
        for (int i = 0; i < messages.Items.Length; i++)
        {
            string? ignored = messages.Items[i] is not JinjaDict message ? "something other than an object with 'role' and 'content'"
                : message.Entries.Select(entry => (string)entry.Key!).FirstOrDefault(key => key is not ("role" or "content")) is { } field ? $"'{field}'"
                : message.TryGet("content", out object? content) && content is string ? null : "a content that is no text";
            if (ignored is not null)
                throw new InvalidDataException($"message {i + 1} has {ignored}, which contents that are rendered already leave no place for");
        }
        string text = string.Concat(messages.Items.Select(message => Text(message, "content")));
        return _rendered.Value.Begins(text) ? Unmarked(text) : throw new InvalidDataException(
            $"the contents do not begin as the chat template begins a conversation, so they are not rendered already; set ControlTokens to another " +
                $"{nameof(ControlTokenPolicy)}, such as {nameof(ControlTokenPolicy.AsText)}");
    }

    private static string Text(object? message, string key) => message is JinjaDict dict && dict.TryGet(key, out object? value) ? ContentText(value) : "";

    private static string ContentText(object? content) => content switch
    {
        string text => text,
        JinjaSequence parts => string.Concat(parts.Items.Select(part => Text(part, "text"))),
        _ => "",
    };
}
