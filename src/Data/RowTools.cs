namespace MiniMind.MLNet.Dpo.Data;

/// <summary>The tools that a row lists beside its conversations, on their way into the system message.</summary>
internal sealed class RowTools
{
    private bool _any;

    /// <summary>The row's field: a list, or a string that holds one.</summary>
    public RowField Field { get; } = new("tools", FieldShape.Any);

    /// <summary>Checks that the opening message can carry the tools, if there are any.</summary>
    /// <param name="opening">The field that the conversation begins with; null where it begins with divided text.</param>
    /// <param name="line">The row's line.</param>
    /// <param name="at">The line's place.</param>
    public void Check(RowField? opening, ReadOnlySpan<byte> line, LineLocation at)
    {
        _any = IsAny(line[Field.Json], at);
        if (!_any)
            return;
        if (opening is not { Kind: FieldKind.Messages } || opening.Messages[0].Role != MessageRole.System)
            throw at.Fault(BadRowReason.MisplacedTools, Field.Name, "the row has 'tools', and no system message that could carry them; begin the conversation with one, or leave 'tools' out.");
        if (opening.Messages[0].NamesTools)
            throw at.Fault(BadRowReason.RepeatedField, Field.Name, $"both the row and '{opening.Name}[0]' have 'tools'; keep one.");
    }

    /// <summary>Writes a field's messages, the tools with the first of them where that opens the conversation.</summary>
    public void AddMessages(MessageListWriter writer, RowField field, ReadOnlySpan<byte> line, bool opens)
    {
        foreach (MessageSlice message in field.Messages)
        {
            if (opens && _any)
                writer.AddWithTools(line[message.Json], line[Field.Json]);
            else
                writer.Add(line[message.Json]);
            opens = false;
        }
    }

    private bool IsAny(ReadOnlySpan<byte> json, LineLocation at)
    {
        if (Field.Kind == FieldKind.Absent)
            return false;
        if (Field.Kind == FieldKind.Text)
            return !JsonText.IsBlank(json);
        if (json[0] != '[')
            throw at.Fault(BadRowReason.WrongType, Field.Name, $"'tools' is '{Excerpt.Of(json)}'; it must be a list of tools, or a string that holds one.");
        return !json[1..^1].Trim(" \t\r"u8).IsEmpty;
    }
}
