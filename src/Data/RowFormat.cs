using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Data.Shapes;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What a line of one kind of file must hold, and how its conversations are composed.</summary>
/// <remarks>
/// One instance serves one cursor: it keeps what the current line has. A line in the plain form is read where it stands; any other is
/// translated into that form first, and may give several rows.
/// </remarks>
internal abstract class RowFormat
{
    private readonly RowReader _reader;
    private readonly RowField[] _extras;
    private readonly RowReader? _extraReader;
    private readonly RowNumbers? _numbers;
    private readonly Action<string, LineLocation>? _tookShape;
    private Translation? _translation;
    private int _row;
    private string? _lastShape;
    private bool _translates;

    /// <param name="fields">The fields of the plain form.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="tookShape">Told what a line was taken for, whenever that changes.</param>
    protected RowFormat(IReadOnlyList<RowField> fields, JsonlFileOptions options, Action<string, LineLocation>? tookShape)
    {
        Tools = new RowTools(options.Tools ?? "tools");
        _extras = [.. options.ExtraColumns.Select(name => new RowField(name, FieldShape.Any))];
        _extraReader = _extras.Length > 0 ? new RowReader(_extras) : null;
        _numbers = options.NumberFields.Count > 0 ? new RowNumbers(options.NumberFields) : null;
        _reader = new RowReader([.. fields, Tools.Field]);
        _tookShape = tookShape;
        _translates = options.NamesFields;
    }

    /// <summary>Pairs of answers of the line that were left out because neither is better.</summary>
    public int Ties => _translation?.Ties ?? 0;

    /// <summary>Whether the line's answer is a good one.</summary>
    /// <exception cref="NotSupportedException">Rows of this format say no such thing.</exception>
    public virtual bool Label => throw new NotSupportedException($"{GetType().Name} has no label.");

    /// <summary>The tools that the row lists beside its conversations.</summary>
    protected RowTools Tools { get; }

    /// <summary>Writes the conversations.</summary>
    protected MessageListWriter Writer { get; } = new();

    /// <summary>Reads a line; <see cref="MoveNext"/> walks its rows.</summary>
    /// <exception cref="PreferenceDataException">The line is no usable row.</exception>
    public void Read(ReadOnlySpan<byte> line, LineLocation at)
    {
        _row = -1;
        _translation = null;
        _extraReader?.Read(line, at);
        _numbers?.Read(line, at);
        if (!_translates && IsPlain(line, at))
            return;
        _translates = true;
        RowReader.CheckObject(line, at);
        Utf8JsonReader reader = new(line);
        _translation = Translate(JsonElement.ParseValue(ref reader), at);
    }

    /// <summary>Moves to the line's next row and checks it against every rule.</summary>
    /// <param name="line">The line that was read last, unchanged.</param>
    /// <param name="at">The line's place.</param>
    /// <returns>False behind the last row.</returns>
    /// <exception cref="PreferenceDataException">The row is not usable; the rows after it may be.</exception>
    public bool MoveNext(ReadOnlySpan<byte> line, LineLocation at)
    {
        if (++_row >= (_translation?.Rows.Count ?? 1))
            return false;
        if (_translation is { } translation)
        {
            LineLocation noted = at with { Note = translation.IsPlain ? null : $"The row was taken for: {translation.Shape}." };
            _reader.Read(translation.Rows[_row], noted);
            Check(translation.Rows[_row], noted);
        }
        string shape = _translation?.Shape ?? PlainShape;
        if (shape != _lastShape)
            _tookShape?.Invoke(_lastShape = shape, at);
        return true;
    }

    /// <summary>A conversation of the current row, as a JSON message list.</summary>
    /// <param name="line">The line that was read last, unchanged.</param>
    /// <param name="index">Which of the format's conversations.</param>
    public string Compose(ReadOnlySpan<byte> line, int index) => ComposeRow(_translation is { } translation ? translation.Rows[_row] : line, index);

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

    /// <summary>A number of the line that was read last.</summary>
    public float Number(int index) => _numbers![index];

    /// <summary>What a line in the plain form is, for the log.</summary>
    protected abstract string PlainShape { get; }

    /// <summary>Whether a line that reads as the plain form must be looked at more closely nevertheless.</summary>
    protected abstract bool NeedsTranslation(ReadOnlySpan<byte> line);

    /// <summary>Brings a line into the plain form.</summary>
    protected abstract Translation Translate(JsonElement root, LineLocation at);

    /// <summary>Composes a conversation of a row in the plain form.</summary>
    protected abstract string ComposeRow(ReadOnlySpan<byte> row, int index);

    /// <summary>Adds what a field holds to the conversation being written: its messages, or its string as one message.</summary>
    protected void Add(RowField field, MessageRole textRole, ReadOnlySpan<byte> row, bool opens)
    {
        if (field.Kind == FieldKind.Text)
            Tools.AddText(Writer, textRole, row[field.Json], row, opens);
        else
            Tools.AddMessages(Writer, field, row, opens);
    }

    /// <summary>Checks the fields of a row that the reader has found well formed.</summary>
    protected abstract void Check(ReadOnlySpan<byte> row, LineLocation at);

    private bool IsPlain(ReadOnlySpan<byte> line, LineLocation at)
    {
        try
        {
            _reader.Read(line, at);
            if (_reader.FoundOthers || Tools.MayBePython(line) || NeedsTranslation(line))
                return false;
            Check(line, at);
            return true;
        }
        catch (PreferenceDataException fault) when (fault.Reason is not (BadRowReason.InvalidJson or BadRowReason.NotUtf8))
        {
            return false; // a shape may know it; where none does, the same fault comes again
        }
    }
}
