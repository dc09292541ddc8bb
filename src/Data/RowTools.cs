namespace MiniMind.MLNet.Dpo.Data;

/// <summary>The tools that a row lists beside its conversations, on their way into the message that opens them.</summary>
internal sealed class RowTools(string name)
{
    private bool _any;

    /// <summary>The row's field: a list, or a string that holds one.</summary>
    public RowField Field { get; } = new(name, FieldShape.Any);

    /// <summary>Checks that the opening message has no tools of its own, if the row has some.</summary>
    /// <param name="opening">The field that the conversation begins with; null where it begins with divided text.</param>
    /// <param name="row">The row.</param>
    /// <param name="at">The line's place.</param>
    public void Check(RowField? opening, ReadOnlySpan<byte> row, LineLocation at)
    {
        _any = IsAny(row[Field.Json], at);
        if (_any && opening is { Kind: FieldKind.Messages } && opening.Messages[0].NamesTools)
            throw at.Fault(BadRowReason.RepeatedField, Field.Name, $"both the row and '{opening.Name}[0]' have 'tools'; keep one.");
    }

    /// <summary>Whether the tools are a string with single quotes, which may be Python's <c>str()</c> of them.</summary>
    public bool MayBePython(ReadOnlySpan<byte> row) => Field.Kind == FieldKind.Text && row[Field.Json].Contains((byte)'\'');

    /// <summary>Writes a field's messages, the tools with the first of them where that opens the conversation.</summary>
    public void AddMessages(MessageListWriter writer, RowField field, ReadOnlySpan<byte> row, bool opens)
    {
        foreach (MessageSlice message in field.Messages)
        {
            if (opens && _any)
                writer.AddWithTools(row[message.Json], row[Field.Json]);
            else
                writer.Add(row[message.Json]);
            opens = false;
        }
    }

    /// <summary>Writes a string token as a message, the tools with it where it opens the conversation.</summary>
    public void AddText(MessageListWriter writer, MessageRole role, ReadOnlySpan<byte> contentToken, ReadOnlySpan<byte> row, bool opens)
    {
        if (opens && _any)
            writer.AddWithTools(role, contentToken, row[Field.Json]);
        else
            writer.Add(role, contentToken);
    }

    private bool IsAny(ReadOnlySpan<byte> json, LineLocation at)
    {
        if (Field.Kind == FieldKind.Absent)
            return false;
        if (Field.Kind == FieldKind.Text)
            return !JsonText.IsBlank(json);
        if (json[0] != '[')
        {
            throw at.Fault(BadRowReason.WrongType, Field.Name,
                $"'{Field.Name}' is '{Excerpt.Of(json)}'; it must be a list of tools, or a string that holds one.");
        }

        return !json[1..^1].Trim(" \t\r"u8).IsEmpty;
    }
}
