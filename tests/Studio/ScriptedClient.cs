using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>A chat client whose answers are written down, and that keeps what it was asked.</summary>
internal sealed class ScriptedClient(params IReadOnlyList<AIContent> answer) : IChatClient
{
    private int _running;

    /// <summary>What it was last asked.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; private set; } = [];

    /// <summary>How it was last asked.</summary>
    public ChatOptions? Options { get; private set; }

    public ChatFinishReason Finish { get; init; } = ChatFinishReason.Stop;

    /// <summary>Runs before each piece, with the piece's place; the pieces are followed by one of usage.</summary>
    public Func<int, CancellationToken, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>How many answers are being made.</summary>
    public int Running => Volatile.Read(ref _running);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (Messages, Options) = ([.. messages], options);
        Interlocked.Increment(ref _running);
        try
        {
            for (int i = 0; i < answer.Count; i++)
            {
                await Before(i, cancellationToken);
                yield return new ChatResponseUpdate(ChatRole.Assistant, [answer[i]]);
            }
            await Before(answer.Count, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant,
                [new UsageContent(new UsageDetails { InputTokenCount = 7, OutputTokenCount = answer.Count, TotalTokenCount = 7 + answer.Count })])
            {
                FinishReason = Finish,
            };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted", defaultModelId: "scripted") : null;

    public void Dispose()
    {
    }
}
