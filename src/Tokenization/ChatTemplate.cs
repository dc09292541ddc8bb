using System.Collections.ObjectModel;
using MiniMind.MLNet.Dpo.ChatTemplates;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>
/// Turns a list of chat messages into the text that a model was trained on, by the Jinja template that the model ships.
/// A template is parsed once, never changes, and may be used by any number of threads. It runs sandboxed: it sees its variables only, and its work, memory and
/// output are bounded.
/// </summary>
public sealed class ChatTemplate
{
    private const string ChatMlSource =
        """
        {%- macro text(content) %}
        {%- if content is string %}{{ content }}{% elif content %}{% for part in content if part.type == 'text' %}{{ part.text }}{% endfor %}{% endif %}
        {%- endmacro %}
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' }}
            {%- if message.role == 'assistant' %}
                {%- generation %}{{ text(message.content) + '<|im_end|>' }}{% endgeneration %}
            {%- else %}
                {{- text(message.content) + '<|im_end|>' }}
            {%- endif %}
            {{- '\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    private static readonly string[] s_ownVariables = ["messages", "tools", "add_generation_prompt"];

    private readonly JinjaTemplate _template;

    private readonly Lazy<ControlTokens> _controlTokens;

    private ChatTemplate(string source, JinjaTemplate template, IReadOnlyDictionary<string, string>? specialTokens, IEnumerable<TemplateToken>? tokens = null)
    {
        Source = source;
        _template = template;
        SpecialTokens = specialTokens is null ? ReadOnlyDictionary<string, string>.Empty : new Dictionary<string, string>(specialTokens).AsReadOnly();
        Tokens = [.. (tokens ?? []).Concat(SpecialTokens.Values.Select(text => new TemplateToken(text, IsSpecial: true)))
            .Where(token => token.Content.Length > 0).DistinctBy(token => token.Content)];
        _controlTokens = new(() => new ControlTokens(this));
    }

    /// <summary>
    /// The built-in ChatML template, for models that ship none: <c>&lt;|im_start|&gt;role</c>, a line end, the content, <c>&lt;|im_end|&gt;</c>, a line end.
    /// </summary>
    public static ChatTemplate ChatMl { get; } = Parse(ChatMlSource);

    /// <summary>The template as it was given.</summary>
    public string Source { get; }

    /// <summary>The special tokens that the template can name, such as <c>bos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; }

    /// <summary>
    /// The added tokens of the tokenizer that the template writes for, as far as they are known: without <see cref="WithTokens(HuggingFaceTokenizer)"/> what
    /// tokenizer_config.json names.
    /// </summary>
    internal IReadOnlyList<TemplateToken> Tokens { get; }

    /// <summary>Those of them that steer the model.</summary>
    internal ControlTokens ControlTokens => _controlTokens.Value;

    /// <summary>Whether the template marks what the model itself wrote with <c>{% generation %}</c>.</summary>
    internal bool MarksGeneration => _template.MarksGeneration;

    /// <summary>Whether a variable of this name can change what the template writes.</summary>
    /// <remarks>It is read before the template itself gives it a value, and is none of the template's own.</remarks>
    internal bool Reads(string variable) => _template.Inputs.Contains(variable) && !s_ownVariables.Contains(variable);

    /// <summary>Parses a template.</summary>
    /// <param name="source">The template in Jinja's language.</param>
    /// <param name="specialTokens">The special tokens by the names that the template uses, such as <c>bos_token</c>; null for none.</param>
    /// <exception cref="ChatTemplateException">The template is malformed, or uses a tag, filter, test or method that is not supported; the message says which,
    /// and where.</exception>
    public static ChatTemplate Parse(string source, IReadOnlyDictionary<string, string>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ChatTemplate(source, TemplateInterpreter.Parse(source), specialTokens);
    }

    /// <summary>Takes the template and the special tokens out of a model's files; a model that ships no template gets <see cref="ChatMl"/>.</summary>
    /// <param name="tokenizerConfigJson">The text of <c>tokenizer_config.json</c>.</param>
    /// <param name="chatTemplateJinja">The text of <c>chat_template.jinja</c>, which comes before the template in <paramref name="tokenizerConfigJson"/>; null
    /// where there is no such file.</param>
    /// <exception cref="ChatTemplateException">The file is not what it should be, or the template in it is malformed or not supported.</exception>
    public static ChatTemplate FromTokenizerConfig(string tokenizerConfigJson, string? chatTemplateJinja = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizerConfigJson);
        JinjaDict config = ChatTemplateConfig.Parse(tokenizerConfigJson);
        Dictionary<string, string> specialTokens = ChatTemplateConfig.SpecialTokens(config);
        string? source = chatTemplateJinja ?? ChatTemplateConfig.ChatTemplate(config);
        IEnumerable<TemplateToken> tokens = ChatTemplateConfig.AddedTokens(config);
        return source is null ? new ChatTemplate(ChatMl.Source, ChatMl._template, specialTokens, tokens)
            : new ChatTemplate(source, TemplateInterpreter.Parse(source), specialTokens, tokens);
    }

    /// <summary>The same template together with its tokenizer, whose control tokens can then be told apart from contents that merely spell them.</summary>
    /// <param name="tokenizer">The model's tokenizer. A <see cref="PretrainedModel"/>'s template knows it already.</param>
    public ChatTemplate WithTokens(HuggingFaceTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return WithTokens(tokenizer.AddedTokens.Select(token => new TemplateToken(token.Content, token.Special)));
    }

    /// <summary>The same template together with the added tokens of its tokenizer.</summary>
    internal ChatTemplate WithTokens(IEnumerable<TemplateToken> tokens) => new(Source, _template, SpecialTokens, tokens);

    /// <summary>Renders a conversation.</summary>
    /// <param name="messagesJson">The messages as a JSON array; whatever fields they have, the template sees.</param>
    /// <param name="options">What else the template gets; null for the defaults.</param>
    /// <exception cref="ChatTemplateException">
    /// The messages are not a JSON array, the template refuses them (<see cref="ChatTemplateException.Reason"/> is its message then), fails on them, or breaks
    /// a limit of the sandbox.
    /// </exception>
    /// <exception cref="ArgumentException">A variable in <paramref name="options"/> has a name that the template's own have, or a value of a type that
    /// templates do not know.</exception>
    public string Render(string messagesJson, ChatTemplateOptions? options = null) => Render(messagesJson, options, null);

    /// <summary>Renders a conversation, and says which pieces of the text the template marks as the model's own.</summary>
    internal RenderedChat RenderWithSpans(string messagesJson, ChatTemplateOptions? options = null)
    {
        List<(int Start, int Length)> spans = new();
        return new RenderedChat(Render(messagesJson, options, spans), spans);
    }

    /// <summary>Renders a conversation with marks in its contents; <see langword="null"/> where nothing is to be marked.</summary>
    internal string? RenderMarked(string messagesJson, ChatTemplateOptions options, ContentMarker marker)
    {
        JinjaSequence messages = TemplateInterpreter.ParseArray(messagesJson, "the messages"), marked = marker.Mark(messages);
        JinjaSequence? tools = options.ToolsJson is null ? null : TemplateInterpreter.ParseArray(options.ToolsJson, "the tools"),
            markedTools = tools is null ? null : marker.Mark(tools);
        return ReferenceEquals(messages, marked) && ReferenceEquals(tools, markedTools) ? null
            : Render(marked, markedTools, Size(messagesJson, options), options, null);
    }

    private string Render(string messagesJson, ChatTemplateOptions? options, List<(int Start, int Length)>? spans)
    {
        ArgumentNullException.ThrowIfNull(messagesJson);
        options ??= ChatTemplateOptions.Default;
        JinjaList messages = TemplateInterpreter.ParseArray(messagesJson, "the messages");
        JinjaList? tools = options.ToolsJson is null ? null : TemplateInterpreter.ParseArray(options.ToolsJson, "the tools");
        return Render(messages, tools, Size(messagesJson, options), options, spans);
    }

    private string Render(JinjaSequence messages, JinjaSequence? tools, long size, ChatTemplateOptions options, List<(int Start, int Length)>? spans) =>
        TemplateInterpreter.Render(_template, Variables(messages, tools, options), RenderLimits.ForInput(size), options.TimeProvider, spans);

    private static long Size(string messagesJson, ChatTemplateOptions options) => messagesJson.Length + (long)(options.ToolsJson?.Length ?? 0);

    private List<KeyValuePair<string, object?>> Variables(JinjaSequence messages, JinjaSequence? tools, ChatTemplateOptions options)
    {
        List<KeyValuePair<string, object?>> variables = new(SpecialTokens.Count + 8);
        foreach ((string name, string token) in SpecialTokens)
            variables.Add(new(name, token));
        variables.Add(new("documents", null));
        foreach ((string name, object? value) in options.Variables ?? ReadOnlyDictionary<string, object?>.Empty)
        {
            if (s_ownVariables.Contains(name))
            {
                throw new ArgumentException($"the variable '{name}' is the template's own: it cannot be among {nameof(ChatTemplateOptions.Variables)}",
                    nameof(options));
            }

            variables.Add(new(name, value));
        }
        variables.Add(new("messages", messages));
        variables.Add(new("tools", tools));
        variables.Add(new("add_generation_prompt", options.AddGenerationPrompt));
        return variables;
    }
}
