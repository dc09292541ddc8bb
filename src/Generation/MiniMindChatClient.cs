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

    /// <summary>Takes over the model.</summary>
    /// <exception cref="ArgumentException">The defaults are not valid.</exception>
    public MiniMindChatClient(
        IReadableModel model, HuggingFaceTokenizer tokenizer, ChatTemplate template, AnswerEnds ends, GenerationOptions defaults, string name)
    {
        defaults.Validate();
        (_model, _tokenizer, _template, _ends, _defaults) = (model, tokenizer, template, ends, defaults);
        _conversations = new ConversationText(template.WithTokens(tokenizer), ControlTokenPolicy.AsTextUnchecked);
        _readers = new SequencePool(model, MostReaders);
        _steps = new StepGate(nameof(MiniMindChatClient), End);
        _metadata = new ChatClientMetadata("MiniMind.MLNet.Dpo", defaultModelId: name);
    }

    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

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
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Ends the generation that runs, if one does, and lets go of the weights; returns within a second, also from inside a stream.</summary>
    public void Dispose() => _steps.Close();

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_steps.IsClosed, this);
        ChatRequest request = ChatRequest.Read(options, _defaults, this, _metadata.DefaultModelId!, _template);
        int[] prompt = Prompt(messages, request, out AdditionalPropertiesDictionary? remarks);
        AnswerTokens answer = new(prompt, request.Generation, _model.VocabularySize, _model.MaxPositions);
        AnswerText text = new(_tokenizer, _ends.Ids, [.. request.StopSequences, .. _ends.Texts]);
        string responseId = Guid.NewGuid().ToString("N");
        ChatResponseUpdate Update(AIContent content, ChatFinishReason? finish = null) => new(ChatRole.Assistant, [content])
        {
            ResponseId = responseId, MessageId = responseId, ModelId = _metadata.DefaultModelId, FinishReason = finish, CreatedAt = DateTimeOffset.UtcNow,
        };

        try
        {
            while (!text.Ended && !answer.IsFull)
            {
                int token = await NextAsync(answer, cancellation).ConfigureAwait(false);
                string shown = text.Append(token);
                if (shown.Length > 0)
                    yield return Update(new TextContent(shown));
            }
        }
        finally
        {
            _readers.Release(answer);
        }
        string rest = text.Flush();
        if (rest.Length > 0)
            yield return Update(new TextContent(rest));
        UsageDetails usage = new() { InputTokenCount = prompt.Length, OutputTokenCount = answer.Count, TotalTokenCount = prompt.Length + answer.Count };
        ChatResponseUpdate last = Update(new UsageContent(usage), text.Ended ? ChatFinishReason.Stop : ChatFinishReason.Length);
        if (remarks is not null)
            (last.AdditionalProperties, last.MessageId) = (remarks, null); // they belong to the response, and not to its message
        yield return last;
    }

    private async Task<int> NextAsync(AnswerTokens answer, CancellationToken cancellation)
    {
        int? Step(CancellationToken ends) => _readers.Of(answer, answer.Sequence) is { } reader ? answer.Add(reader.Next(answer.Sequence, ends)) : null;

        _readers.Ask(answer);
        try
        {
            while (true)
            {
                if (await _steps.RunAsync(Step, cancellation).ConfigureAwait(false) is { } token)
                    return token;
                await Task.Delay(s_wait, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _readers.Rest(answer);
        }
    }

    private int[] Prompt(IEnumerable<ChatMessage> messages, ChatRequest request, out AdditionalPropertiesDictionary? remarks)
    {
        remarks = null;
        if (request.Instructions.Length > 0)
            messages = messages.Prepend(new ChatMessage(ChatRole.System, request.Instructions));
        IReadOnlyList<ChatMessage> conversation = [.. messages];
        int[] prompt = Encode(conversation, request);
        if (request.Generation.Overflow == ContextOverflow.Refuse)
            return prompt;
        int most = _model.MaxPositions - Math.Clamp(_model.MaxPositions / 4, 1, request.Generation.MaxNewTokens);
        ConversationTurns turns = new(conversation);
        int dropped = prompt.Length <= most ? 0 : turns.FewestDropped(rest => Encode(rest, request).Length <= most);
        remarks = new AdditionalPropertiesDictionary { [GenerationOptions.DroppedTurnsProperty] = dropped };
        return dropped == 0 ? prompt : Encode(turns.Without(dropped), request);
    }

    private int[] Encode(IEnumerable<ChatMessage> conversation, ChatRequest request)
    {
        ChatTemplateOptions options = new() { AddGenerationPrompt = true, Variables = request.Variables };
        string prompt = _conversations.Render(ConversationJson.Of(conversation), options);
        return _tokenizer.EncodeRendered(prompt); // what a message merely spells is no control token
    }

    private void End()
    {
        _readers.Dispose();
        _model.Dispose();
    }
}
