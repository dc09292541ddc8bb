using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>An answer, as its updates come.</summary>
internal sealed class AnswerPieces
{
    private int _calls;

    /// <summary>Why it ended; <see langword="null"/> while it has not.</summary>
    public string? Finish { get; private set; }

    /// <summary>What it took; <see langword="null"/> before it is known.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>What an update adds to the message.</summary>
    public IEnumerable<ChatDelta> Deltas(ChatResponseUpdate update)
    {
        if (update.FinishReason is { } finish)
            Finish = finish.Value; // the names are OpenAI's
        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case TextContent { Text.Length: > 0 } text:
                    yield return new ChatDelta(Content: text.Text);
                    break;
                case TextReasoningContent { Text.Length: > 0 } reasoning:
                    yield return new ChatDelta(ReasoningContent: reasoning.Text);
                    break;
                case FunctionCallContent call:
                    yield return new ChatDelta(ToolCalls: [ToolCallBody.Of(call, _calls++)]);
                    break;
                case UsageContent usage:
                    Usage = Of(usage.Details);
                    break;
            }
        }
    }

    private static Usage Of(UsageDetails details)
    {
        long prompt = details.InputTokenCount ?? 0, answer = details.OutputTokenCount ?? 0;
        return new Usage(prompt, answer, details.TotalTokenCount ?? prompt + answer);
    }
}
