namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What every conversation must end with.</summary>
internal static class AnswerRules
{
    /// <summary>Checks that a message list ends with an assistant's message that says something.</summary>
    public static void CheckLastTurn(RowField field, LineLocation at)
    {
        MessageSlice last = field.Messages[^1];
        if (last.Role != MessageRole.Assistant)
        {
            throw at.Fault(BadRowReason.LastTurnNotAssistant, field.Name,
                $"'{field.Name}' ends with role '{last.Role.Name()}'; the last message must be 'assistant'.");
        }

        if (!last.HasSubstance)
            throw EmptyAnswer($"{field.Name}[{field.Messages.Count - 1}].content", at);
    }

    /// <summary>Checks that a string answer says something.</summary>
    public static void CheckText(RowField field, ReadOnlySpan<byte> line, LineLocation at)
    {
        if (JsonText.IsBlank(line[field.Json]))
            throw EmptyAnswer(field.Name, at);
    }

    /// <summary>Checks a field that may be a string or a message list.</summary>
    public static void Check(RowField field, ReadOnlySpan<byte> line, LineLocation at)
    {
        if (field.Kind == FieldKind.Messages)
            CheckLastTurn(field, at);
        else
            CheckText(field, line, at);
    }

    private static PreferenceDataException EmptyAnswer(string field, LineLocation at) =>
        at.Fault(BadRowReason.EmptyAnswer, field, $"'{field}' is empty; the answer needs text or 'tool_calls'.");
}
