using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>Answers prompts that are told by their texts with the conversations that they stand for.</summary>
/// <param name="model">Who answers.</param>
/// <param name="prompts">The prompts.</param>
internal sealed class PromptedClient(IChatClient model, IReadOnlyList<JudgedPrompt> prompts) : DelegatingChatClient(model)
{
    private readonly Dictionary<string, IReadOnlyList<ChatMessage>> _messages = prompts.ToDictionary(prompt => prompt.Text, prompt => prompt.Messages);

    /// <inheritdoc />
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(_messages[messages.Single().Text], options, cancellationToken);
}
