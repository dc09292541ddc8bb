using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A MiniMind network as <see cref="IChatClient"/>: renders the conversation, generates, decodes.</summary>
/// <remarks>
/// Thread-safe: requests wait for each other, one generation at a time. A request that continues the last conversation is not read again from its start.
/// It owns its share of the network. Requests are not changed.
/// </remarks>
internal sealed class MiniMindChatClient : IChatClient
{
    private readonly SharedNetwork _network;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly ConversationText _conversations;
    private readonly GenerationOptions _defaults;
    private readonly GenerationSession _session;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<int> _stopIds;

    /// <summary>Takes over the share of the network.</summary>
    public MiniMindChatClient(SharedNetwork network, HuggingFaceTokenizer tokenizer, ChatTemplate template, GenerationOptions? defaults)
    {
        _defaults = defaults ?? new GenerationOptions();
        _defaults.Validate();
        (_network, _tokenizer, _conversations) = (network, tokenizer, new ConversationText(template.WithTokens(tokenizer), ControlTokenPolicy.AsTextUnchecked));
        _session = new GenerationSession(network.Network);
        _stopIds = [.. new[] { network.Network.Config.EosTokenId, tokenizer.EosTokenId }.OfType<int>()];
    }

    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        GenerationOptions generation = Merge(options);
        string instructions = options?.Instructions ?? "";
        IEnumerable<ChatMessage> conversation = instructions.Length == 0 ? messages : messages.Prepend(new ChatMessage(ChatRole.System, instructions));
        string prompt = _conversations.Render(ConversationJson.Of(conversation), new ChatTemplateOptions { AddGenerationPrompt = true });
        int[] ids = _tokenizer.EncodeRendered(prompt); // what a message merely spells is no control token
        string responseId = Guid.NewGuid().ToString("N");
        ChatResponseUpdate Update(IList<AIContent> contents, ChatFinishReason? finish = null) => new(ChatRole.Assistant, contents)
        {
            ResponseId = responseId, MessageId = responseId, FinishReason = finish, CreatedAt = DateTimeOffset.UtcNow,
        };

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_network.IsReleased, this);
            IncrementalDecoder decoder = new(_tokenizer, skipSpecialTokens: true);
            StopSequences stop = new([.. (options?.StopSequences ?? []).Where(s => s.Length > 0).DefaultIfEmpty("\0")]);
            int made = 0;
            bool ended = false;
            using IEnumerator<int> tokens = _session.Generate(ids, generation, _stopIds, cancellationToken).GetEnumerator();
            while (!ended && await Task.Run(tokens.MoveNext, cancellationToken).ConfigureAwait(false))
            {
                made++;
                ended = _stopIds.Contains(tokens.Current);
                string shown = ended ? "" : stop.Append(decoder.Append(tokens.Current));
                if (shown.Length > 0) yield return Update([new TextContent(shown)]);
                ended |= stop.Stopped;
            }
            StringBuilder rest = new(stop.Append(decoder.Flush()));
            rest.Append(stop.Flush());
            if (rest.Length > 0) yield return Update([new TextContent(rest.ToString())]);
            UsageDetails usage = new() { InputTokenCount = ids.Length, OutputTokenCount = made, TotalTokenCount = ids.Length + made };
            yield return Update([new UsageContent(usage)], ended ? ChatFinishReason.Stop : ChatFinishReason.Length);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(ChatClientMetadata)) return new ChatClientMetadata("MiniMind.MLNet.Dpo");
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Lets go of the network, after the generation that runs, if one does.</summary>
    public void Dispose()
    {
        if (_network.IsReleased) return;
        _turn.Wait();
        _session.Dispose();
        _network.Release();
        _turn.Release();
    }

    private GenerationOptions Merge(ChatOptions? options)
    {
        if (options?.Tools is { Count: > 0 }) throw new NotSupportedException("This client calls no tools: leave ChatOptions.Tools empty, and describe tools in the messages if the model was trained on them.");
        if (options?.ResponseFormat is ChatResponseFormatJson) throw new NotSupportedException("This client cannot promise JSON: leave ChatOptions.ResponseFormat unset.");
        GenerationOptions merged = new()
        {
            MaxNewTokens = options?.MaxOutputTokens ?? _defaults.MaxNewTokens, Temperature = options?.Temperature ?? _defaults.Temperature,
            TopP = options?.TopP ?? _defaults.TopP, TopK = options?.TopK ?? _defaults.TopK, RepetitionPenalty = _defaults.RepetitionPenalty,
            Seed = options?.Seed is { } seed ? unchecked((int)seed) : _defaults.Seed,
        };
        merged.Validate();
        return merged;
    }
}
