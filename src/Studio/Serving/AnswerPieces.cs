using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>An answer, as its updates come.</summary>
internal sealed class AnswerPieces
{
    private int _calls;
    private string? _finish;

    /// <summary>Why it ended.</summary>
    public string Finish => _finish ?? ChatFinishReason.Stop.Value;

    /// <summary>What it took; <see langword="null"/> before it is known.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>What an update adds to the answer.</summary>
    public IEnumerable<AnswerPiece> Of(ChatResponseUpdate update)
    {
        if (update.FinishReason is { } finish)
            _finish = finish.Value; // the names are OpenAI's
        TokenLogProb[] tokens = [.. Tokens(update)];
        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case TextContent { Text.Length: > 0 } text:
                    yield return new AnswerPiece(new ChatDelta(Content: text.Text), tokens);
                    tokens = [];
                    break;
                case TextReasoningContent { Text.Length: > 0 } reasoning:
                    yield return new AnswerPiece(new ChatDelta(ReasoningContent: reasoning.Text), []);
                    break;
                case FunctionCallContent call:
                    yield return new AnswerPiece(new ChatDelta(ToolCalls: [ToolCallBody.Of(call, _calls++)]), []);
                    break;
                case UsageContent usage:
                    Usage = Of(usage.Details);
                    break;
            }
        }
    }

    // what is no part of the text has none to tell of, as the token that ends it
    private static IEnumerable<TokenLogProb> Tokens(ChatResponseUpdate update) =>
        (update.AdditionalProperties?.GetValueOrDefault(GenerationOptions.LogProbsProperty) as IReadOnlyList<TokenLogProb> ?? [])
            .Where(token => !token.IsSpecial);

    private static Usage Of(UsageDetails details)
    {
        long prompt = details.InputTokenCount ?? 0, answer = details.OutputTokenCount ?? 0;
        return new Usage(prompt, answer, details.TotalTokenCount ?? prompt + answer);
    }
}
