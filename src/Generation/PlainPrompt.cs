using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>The text of a request that goes by no chat template.</summary>
internal static class PlainPrompt
{
    /// <summary>The text to go on with.</summary>
    /// <exception cref="NotSupportedException">It is not one message of the user's, of text alone.</exception>
    public static string Of(IEnumerable<ChatMessage> messages)
    {
        ChatMessage[] all = [.. messages];
        const string Rule =
            $"without the chat template ({nameof(GenerationOptions.WithoutTemplate)}) there is one message, of the role 'user' and of text alone";
        if (all.Length != 1)
            throw new NotSupportedException($"There are {all.Length} messages; {Rule}.");
        if (all[0].Role != ChatRole.User)
            throw new NotSupportedException($"The message has the role '{all[0].Role}'; {Rule}.");
        if (all[0].Contents.FirstOrDefault(content => content is not TextContent) is { } other)
            throw new NotSupportedException($"The message holds {other.GetType().Name}; {Rule}.");
        return all[0].Text;
    }
}
