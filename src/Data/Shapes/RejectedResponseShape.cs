using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>
/// ms-swift's rows: <c>messages</c> is the better conversation, and <c>rejected_response</c> its last answer's rival or <c>rejected_messages</c> the worse
/// conversation.
/// </summary>
internal sealed class RejectedResponseShape : AnswerShape
{
    private const string Response = "rejected_response";
    private const string Messages = "rejected_messages";

    /// <inheritdoc/>
    public override string Name => $"ms-swift's 'messages' with '{Response}' or '{Messages}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.HasList("messages") && (row.IsNamed(Response) || row.IsNamed(Messages));

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft, RankingPairs rankings)
    {
        SourceValue chosen = row.Take("messages");
        if (row.Has(Messages))
        {
            draft.Add(chosen, row.Take(Messages));
            return;
        }
        if (!row.Has(Response))
            throw row.At.Fault(BadRowReason.EmptyAnswer, Response, $"'{Response}' is empty; the answer needs text.");
        if (chosen.Messages is not [.., { Role: MessageRole.Assistant }])
        {
            throw row.At.Fault(BadRowReason.LastTurnNotAssistant, "messages",
                $"'messages' does not end with the assistant's message, whose rival '{Response}' is.");
        }

        foreach (SourceValue rejected in Rivals(row))
        {
            IReadOnlyList<SourceMessage> answer = rejected.Messages ?? [SourceMessage.Of(MessageRole.Assistant, rejected.Text ?? "")];
            draft.Add(chosen, SourceValue.Of([.. chosen.Messages.SkipLast(1), .. answer]));
        }
    }

    private static IReadOnlyList<SourceValue> Rivals(SourceRow row)
    {
        JsonElement value = row.Peek(Response);
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object))
            throw row.At.Fault(BadRowReason.WrongType, Response, $"'{Response}' is '{Excerpt.Of(value.GetRawText())}'; it must be a string.");
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(answer => answer.ValueKind == JsonValueKind.String)
            ? [.. row.TakeStored(Response).EnumerateArray().Select((answer, i) => SourceValue.Read(answer, $"{Response}[{i}]", row.At))]
            : [row.Take(Response)];
    }
}
