using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A language model as <see cref="IChatClient"/>: renders the conversation, generates, decodes.</summary>
/// <remarks>
/// Thread-safe. Requests that overlap are decoded together, as <see cref="ServingOptions"/> say, and a stream that is not read on holds nothing up.
/// A request that continues or begins like another conversation is not read again from its start.
/// It owns its share of the weights. Requests are not changed. Disposing it ends what runs: reading on throws <see cref="ObjectDisposedException"/>.
/// </remarks>
internal sealed class MiniMindChatClient : IChatClient
{
    private const string Question = """[{"role":"user","content":"Is it?"}]""";

    private readonly ServedModel _model;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly ConversationText _conversations;
    private readonly AnswerEnds _ends;
    private readonly GenerationOptions _defaults;
    private readonly ChatClientMetadata _metadata;
    private readonly Lazy<ToolProbe> _probe;

    /// <summary>Takes over its share of the model.</summary>
    /// <exception cref="ArgumentException">The defaults are not valid.</exception>
    public MiniMindChatClient(
        ServedModel model, HuggingFaceTokenizer tokenizer, ChatTemplate template, AnswerEnds ends, GenerationOptions defaults, string name)
    {
        defaults.Validate();
        (_model, _tokenizer, _template, _ends, _defaults) = (model, tokenizer, template, ends, defaults);
        _probe = new Lazy<ToolProbe>(() => new ToolProbe(template));
        _conversations = new ConversationText(template.WithTokens(tokenizer), ControlTokenPolicy.AsTextUnchecked);
        _metadata = new ChatClientMetadata("MiniMind.MLNet.Dpo", defaultModelId: name);
    }

    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        List<ChatResponseUpdate> updates = [];
        List<TokenLogProb>? logProbs = null;
        await foreach (ChatResponseUpdate update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            if (update.AdditionalProperties?.TryGetValue(GenerationOptions.LogProbsProperty, out object? made) == true)
            {
                (logProbs ??= []).AddRange((IReadOnlyList<TokenLogProb>)made!);
                update.AdditionalProperties.Remove(GenerationOptions.LogProbsProperty); // each would take the place of the one before
            }
            updates.Add(update);
        }
        ChatResponse response = updates.ToChatResponse();
        if (logProbs is not null)
            (response.AdditionalProperties ??= [])[GenerationOptions.LogProbsProperty] = logProbs;
        return response;
    }

    /// <inheritdoc />
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_model.IsDisposed, this);
        return Stream(messages, options, cancellationToken);
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ChatClientMetadata))
            return _metadata;
        if (serviceType == typeof(ServingOptions))
            return _model.Options;
        if (serviceType == typeof(ServingStatus))
            return _model.Status;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Ends the generation that runs, if one does, and lets go of the weights; returns within a second, also from inside a stream.</summary>
    public void Dispose() => _model.Dispose();

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_model.IsDisposed, this);
        cancellation.ThrowIfCancellationRequested();
        ScheduledAnswer answer = _model.Start(Begin(messages, options));
        try
        {
            while (await answer.TakeAsync(cancellation).ConfigureAwait(false) is { } updates)
            {
                foreach (ChatResponseUpdate update in updates)
                {
                    _model.ThrowIfEnded();
                    yield return update;
                }
            }
        }
        finally
        {
            answer.Leave();
        }
    }

    private ChatAnswer Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ChatRequest request = ChatRequest.Read(options, _defaults, this, _metadata.DefaultModelId!, _template, _probe.Value);
        ChatPrompt prompt = Prompt(messages, request, out AdditionalPropertiesDictionary? remarks);
        AnswerTokens tokens = new(prompt.Ids, request.Generation, _model.VocabularySize, _model.MaxPositions);
        AnswerParts parts = Parts(request, prompt.BeginsThinking);
        return new ChatAnswer
        {
            Tokens = tokens, Parts = parts, Text = new AnswerText(_tokenizer, _ends.Ids, [.. request.StopSequences, .. _ends.Texts], parts),
            ShowsReasoning = request.ShowsReasoning, Model = _metadata.DefaultModelId, Remarks = remarks,
            LogProbs = request.Generation.TopLogProbs is { } top ? new LogProbReader(_tokenizer, top) : null,
        };
    }

    private AnswerParts Parts(ChatRequest request, bool beginsThinking)
    {
        ToolCallFormat? format = request.MostCalls == 0 ? null : _probe.Value.Format;
        bool isBare = format is { Open: "" };
        if (format is null || isBare && request.Tools.Count == 0) // JSON alone is a call only where it names a tool
            return new AnswerParts(null, null, beginsThinking, int.MaxValue);
        ToolCallReader reader = new(format, isBare ? request.Tools.Select(tool => tool.Name).ToHashSet() : null);
        return new AnswerParts(format, reader, beginsThinking, request.MostCalls);
    }

    private ChatPrompt Prompt(IEnumerable<ChatMessage> messages, ChatRequest request, out AdditionalPropertiesDictionary? remarks)
    {
        remarks = null;
        if (request.Instructions.Length > 0)
            messages = messages.Prepend(new ChatMessage(ChatRole.System, request.Instructions));
        IReadOnlyList<ChatMessage> conversation = [.. messages];
        ChatPrompt prompt = Encode(conversation, request);
        if (request.Generation.Overflow == ContextOverflow.Refuse)
            return prompt;
        int most = _model.MaxPositions - Math.Clamp(_model.MaxPositions / 4, 1, request.Generation.MaxNewTokens);
        ConversationTurns turns = new(conversation);
        int dropped = prompt.Ids.Length <= most ? 0 : turns.FewestDropped(rest => Encode(rest, request).Ids.Length <= most);
        remarks = new AdditionalPropertiesDictionary { [GenerationOptions.DroppedTurnsProperty] = dropped };
        return dropped == 0 ? prompt : Encode(turns.Without(dropped), request);
    }

    private ChatPrompt Encode(IReadOnlyList<ChatMessage> conversation, ChatRequest request)
    {
        string messages = ConversationJson.Of(conversation, _probe.Value);
        string? tools = ToolDescriptions.Json(request.Tools);
        string Text(string json, bool asks) => _conversations.Render(
            json, new ChatTemplateOptions { AddGenerationPrompt = asks, Variables = request.Variables, ToolsJson = tools });

        string prompt = Text(messages, asks: true);
        bool BeginsThinking()
        {
            string told = Text(messages, asks: false);
            return prompt != told ? ThinkTags.IsOpen(prompt.AsSpan(prompt.AsSpan().CommonPrefixLength(told)))
                : ThinkTags.IsOpen(Text(Question, asks: true)); // a template that always asks for an answer
        }

        // what a message merely spells is no control token
        return new ChatPrompt(_tokenizer.EncodeRendered(prompt), ThinkTags.IsOpen(prompt) && BeginsThinking());
    }
}
