using System.Text;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What a line of one kind of file must hold, and how its conversations are composed.</summary>
/// <remarks>One instance serves one cursor: it keeps what the current line has.</remarks>
internal abstract class RowFormat
{
    private readonly RowReader _reader;
    private readonly RowField[] _extras;

    /// <param name="fields">The fields of the format.</param>
    /// <param name="extraNames">Fields to carry besides; they may name fields of the format too.</param>
    protected RowFormat(IReadOnlyList<RowField> fields, IEnumerable<string> extraNames)
    {
        fields = [.. fields, Tools.Field];
        _extras = [.. extraNames.Select(name => fields.FirstOrDefault(field => field.Name == name) ?? new RowField(name, FieldShape.Any))];
        _reader = new RowReader([.. fields.Union(_extras)]);
    }

    /// <summary>The tools that the row lists beside its conversations.</summary>
    protected RowTools Tools { get; } = new();

    /// <summary>Writes the conversations.</summary>
    protected MessageListWriter Writer { get; } = new();

    /// <summary>Reads a line and checks it against every rule.</summary>
    /// <exception cref="PreferenceDataException">The line is no usable row.</exception>
    public void Read(ReadOnlySpan<byte> line, LineLocation at)
    {
        _reader.Read(line, at);
        Check(line, at);
    }

    /// <summary>A conversation of the line that was read last, as a JSON message list.</summary>
    /// <param name="line">That line, unchanged.</param>
    /// <param name="index">Which of the format's conversations.</param>
    public abstract string Compose(ReadOnlySpan<byte> line, int index);

    /// <summary>The text of an extra field of the line that was read last.</summary>
    public string ComposeExtra(ReadOnlySpan<byte> line, int index)
    {
        RowField field = _extras[index];
        return field.Kind switch
        {
            FieldKind.Absent => "",
            FieldKind.Text => JsonText.Decode(line[field.Json]),
            _ => Encoding.UTF8.GetString(line[field.Json]),
        };
    }

    /// <summary>Adds what a field holds to the conversation being written: its messages, or its string as one message.</summary>
    protected void Add(RowField field, MessageRole textRole, ReadOnlySpan<byte> line, bool opens)
    {
        if (field.Kind == FieldKind.Text)
            Writer.Add(textRole, line[field.Json]);
        else
            Tools.AddMessages(Writer, field, line, opens);
    }

    /// <summary>Checks the fields of a line that the reader has found well formed.</summary>
    protected abstract void Check(ReadOnlySpan<byte> line, LineLocation at);
}
