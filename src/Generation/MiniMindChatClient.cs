using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A language model as <see cref="IChatClient"/>: renders the conversation, generates, decodes.</summary>
/// <remarks>
/// Thread-safe. Requests take turns token by token, each with its own cache, so that one can be made while another one's stream is being read, and a stream
/// that is never read to its end holds nothing up. Where more than four go on at once, the others wait until one ends or rests.
/// A request that continues an earlier conversation is not read again from its start.
/// It owns its share of the weights. Requests are not changed. Disposing it ends what runs: reading on throws <see cref="ObjectDisposedException"/>.
/// </remarks>
internal sealed class MiniMindChatClient : IChatClient
{
    private const int MostReaders = 4;
    private const string Question = """[{"role":"user","content":"Is it?"}]""";

    /// <summary>How long a request waits before it asks again for a reader, where all are with others.</summary>
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(2);

    private readonly IReadableModel _model;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly ConversationText _conversations;
    private readonly AnswerEnds _ends;
    private readonly GenerationOptions _defaults;
    private readonly SequencePool _readers;
    private readonly StepGate _steps;
    private readonly ChatClientMetadata _metadata;
    private readonly Lazy<ToolProbe> _probe;

    /// <summary>Takes over the model.</summary>
    /// <exception cref="ArgumentException">The defaults are not valid.</exception>
    public MiniMindChatClient(
        IReadableModel model, HuggingFaceTokenizer tokenizer, ChatTemplate template, AnswerEnds ends, GenerationOptions defaults, string name)
    {
        defaults.Validate();
        (_model, _tokenizer, _template, _ends, _defaults) = (model, tokenizer, template, ends, defaults);
        _probe = new Lazy<ToolProbe>(() => new ToolProbe(template));
        _conversations = new ConversationText(template.WithTokens(tokenizer), ControlTokenPolicy.AsTextUnchecked);
        _readers = new SequencePool(model, MostReaders);
        _steps = new StepGate(nameof(MiniMindChatClient), End);
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
        ObjectDisposedException.ThrowIf(_steps.IsClosed, this);
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
        if (serviceType == typeof(GenerationOptions))
            return _defaults;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Ends the generation that runs, if one does, and lets go of the weights; returns within a second, also from inside a stream.</summary>
    public void Dispose() => _steps.Close();

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_steps.IsClosed, this);
        ChatAnswer answer = Begin(messages, options);
        try
        {
            while (!answer.Ended)
            {
                foreach (ChatResponseUpdate update in await NextAsync(answer, cancellation).ConfigureAwait(false))
                    yield return update;
            }
        }
        finally
        {
            _readers.Release(answer);
        }
    }

    private ChatAnswer Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ChatRequest request = ChatRequest.Read(options, _defaults, this, _metadata.DefaultModelId!, _template, _probe.Value);
        AdditionalPropertiesDictionary? remarks = null;
        bool isPlain = request.Generation.WithoutTemplate;
        ChatPrompt prompt = isPlain ? new ChatPrompt(_tokenizer.Encode(PlainPrompt.Of(messages)), false) : Prompt(messages, request, out remarks);
        AnswerTokens tokens = new(prompt.Ids, request.Generation, _model.VocabularySize, _model.MaxPositions);
        AnswerParts parts = isPlain ? new AnswerParts(null, null, false, int.MaxValue, isPlain) : Parts(request, prompt.BeginsThinking);
        return new ChatAnswer
        {
            Tokens = tokens, Parts = parts, Text = new AnswerText(_tokenizer, _ends.Ids, [.. request.StopSequences, .. _ends.Texts], parts, isPlain),
            ShowsReasoning = request.ShowsReasoning, Model = _metadata.DefaultModelId, Remarks = remarks,
            LogProbs = request.Generation.TopLogProbs is { } top ? new LogProbReader(_tokenizer, top) : null,
        };
    }

    private async Task<IReadOnlyList<ChatResponseUpdate>> NextAsync(ChatAnswer answer, CancellationToken cancellation)
    {
        IReadOnlyList<ChatResponseUpdate>? Step(CancellationToken ends) =>
            _readers.Of(answer, answer.Tokens.Sequence) is { } reader ? answer.Add(reader.Next(answer.Tokens.Sequence, ends)) : null;

        _readers.Ask(answer);
        try
        {
            while (true)
            {
                if (await _steps.RunAsync(Step, cancellation).ConfigureAwait(false) is { } updates)
                    return updates;
                await Task.Delay(s_wait, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _readers.Rest(answer);
        }
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

    private void End()
    {
        _readers.Dispose();
        _model.Dispose();
    }
}
