using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>Tells a judge by both names that there are how many tokens a reply may have: other servers than OpenAI's may only know the older one.</summary>
/// <param name="client">The judge.</param>
/// <param name="address">Where it is.</param>
internal sealed class BoundedReplies(IChatClient client, Uri address) : DelegatingChatClient(client)
{
    private const string KnowsTheNewerAlone = "api.openai.com";

    /// <inheritdoc />
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.MaxOutputTokens is not { } most || address.Host == KnowsTheNewerAlone)
            return base.GetResponseAsync(messages, options, cancellationToken);
        ChatOptions bounded = options.Clone();
        bounded.RawRepresentationFactory = _ =>
        {
            ChatCompletionOptions raw = new();
            raw.Patch.Set("$.max_tokens"u8, most);
            return raw;
        };
        return base.GetResponseAsync(messages, bounded, cancellationToken);
    }
}
