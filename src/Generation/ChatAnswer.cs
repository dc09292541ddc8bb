using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>One answer as it grows: picks its tokens, and makes of them the updates that a caller gets.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ChatAnswer
{
    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly List<TokenLogProb> _untold = [];

    /// <summary>The tokens, the prompt's included.</summary>
    public required AnswerTokens Tokens { get; init; }

    /// <summary>What they say.</summary>
    public required AnswerText Text { get; init; }

    /// <summary>Its parts.</summary>
    public required AnswerParts Parts { get; init; }

    /// <summary>Whether reasoning is given out.</summary>
    public required bool ShowsReasoning { get; init; }

    /// <summary>The model's name.</summary>
    public required string? Model { get; init; }

    /// <summary>Gives the log-probs; <see langword="null"/> where nobody asks for them.</summary>
    public LogProbReader? LogProbs { get; init; }

    /// <summary>What is to be said of the response; <see langword="null"/> for nothing.</summary>
    public AdditionalPropertiesDictionary? Remarks { get; init; }

    /// <summary>Whether it is whole.</summary>
    public bool Ended => Text.Ended || Tokens.IsFull;

    /// <summary>Adds a token.</summary>
    /// <param name="logits">(V), behind the tokens so far; changed in place.</param>
    /// <returns>What there is to show now; with the last token all that is left, and how it ended.</returns>
    /// <exception cref="NotFiniteNumberException">The logits are not finite.</exception>
    public IReadOnlyList<ChatResponseUpdate> Add(Span<float> logits)
    {
        float[]? given = LogProbs is null ? null : logits.ToArray();
        int token = Tokens.Add(logits);
        if (given is not null)
            _untold.Add(LogProbs!.Of(given, token));
        List<ChatResponseUpdate> updates = [];
        Show(Text.Append(token), updates);
        if (!Ended)
            return updates;
        Show(Text.Flush(), updates);
        updates.Add(Last());
        return updates;
    }

    private void Show(IReadOnlyList<AIContent> contents, List<ChatResponseUpdate> updates)
    {
        foreach (AIContent content in contents)
        {
            if (ShowsReasoning || content is not TextReasoningContent)
                updates.Add(Update(content));
            else
                _untold.Clear(); // they would say what is not to be given out
        }
    }

    private ChatResponseUpdate Update(AIContent content)
    {
        ChatResponseUpdate update = new(ChatRole.Assistant, [content])
        {
            ResponseId = _id, MessageId = _id, ModelId = Model, CreatedAt = DateTimeOffset.UtcNow,
        };
        if (_untold.Count > 0)
            update.AdditionalProperties = new AdditionalPropertiesDictionary { [GenerationOptions.LogProbsProperty] = (TokenLogProb[])[.. _untold] };
        _untold.Clear();
        return update;
    }

    private ChatResponseUpdate Last()
    {
        int prompt = Tokens.Sequence.Length - Tokens.Count;
        ChatResponseUpdate last = Update(new UsageContent(new UsageDetails
        {
            InputTokenCount = prompt, OutputTokenCount = Tokens.Count, TotalTokenCount = prompt + Tokens.Count,
        }));
        last.FinishReason = !Text.Ended ? ChatFinishReason.Length : Parts.Calls > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        if (Remarks is null)
            return last;
        last.MessageId = null; // they belong to the response, and not to its message
        last.AdditionalProperties ??= [];
        foreach ((string key, object? value) in Remarks)
            last.AdditionalProperties[key] = value;
        return last;
    }
}
