using System.Buffers;
using System.Text;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>
/// Reads a table with a header (CSV, TSV): every record becomes an object with the header's names, every cell a string, an empty cell an empty one.
/// </summary>
/// <remarks>
/// A column without a name is left out where it cannot mean anything: its cells are empty, or it is the first and counts rows, as pandas writes it.
/// </remarks>
internal sealed class TableReader : RecordReader
{
    private readonly string _path;
    private readonly RecordBuffer _buffer;
    private readonly TableScanner _scanner;
    private readonly ArrayBufferWriter<byte> _row = new(1024);
    private readonly string[] _names;
    private readonly byte[][] _keys;

    /// <summary>Starts reading, and reads the header.</summary>
    /// <exception cref="PreferenceDataException">The header is no header; the stream is left open then.</exception>
    public TableReader(Stream stream, string path, byte delimiter, int maxBytes)
    {
        _path = path;
        _buffer = new RecordBuffer(stream, maxBytes);
        _scanner = new TableScanner(_buffer, delimiter, maxBytes);
        _buffer.Have(TextBeginning.LongestMark);
        _buffer.Skip(TextBeginning.MarkLength(_buffer.Bytes));
        _scanner.PassBreaks();
        _buffer.Have(TextBeginning.LongestMark);
        if (TextBeginning.DelimiterLine(_buffer.Bytes) is { Length: > 0 } line)
            _scanner.PassLine(line.Length);
        _names = ReadHeader();
        _keys = [.. _names.Select(Key)];
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Record => _row.WrittenSpan;

    /// <inheritdoc/>
    public override long LineNumber => _scanner.LineNumber;

    /// <inheritdoc/>
    public override string Noun => "record";

    /// <inheritdoc/>
    public override string LengthAdvice => "look for a quote that is not closed";

    private LineLocation Here => new(_path, LineNumber);

    /// <inheritdoc/>
    public override LineStatus Read()
    {
        _row.ResetWrittenCount();
        LineStatus status = _scanner.Read();
        if (status != LineStatus.Line)
            return status;
        try
        {
            if (_scanner.CellCount > 1 || _scanner.Cells[0] is not { Length: 0, IsQuoted: false })
                WriteRow();
        }
        finally
        {
            _scanner.Pass();
        }
        return status;
    }

    /// <inheritdoc/>
    public override void Dispose() => _buffer.Dispose();

    private static byte[] Key(string name)
    {
        ArrayBufferWriter<byte> key = new();
        JsonStrings.Write(key, Encoding.UTF8.GetBytes(name));
        key.Write(":"u8);
        return key.WrittenSpan.ToArray();
    }

    private string[] ReadHeader()
    {
        LineStatus status = _scanner.Read();
        if (status == LineStatus.TooLong)
            throw Unreadable("the header is longer than MaxLineBytes allows; look for a quote that is not closed");
        if (_scanner.IsOpen || _scanner.BrokenCell > 0)
            throw Unreadable("the header has a quote that is not closed, or text behind a closing quote; double the quotes inside a quoted name");
        if (_scanner.CellCount > TableScanner.MaxCells)
            throw Unreadable($"the header has {_scanner.CellCount} columns, and at most {TableScanner.MaxCells} can be right; look for missing line breaks");
        string[] names = [.. _scanner.Cells.Select(Name)];
        _scanner.Pass();
        if (names.All(name => name.Length == 0))
            throw Unreadable("the header names no column; the first record of a table holds the names of its columns");
        if (names.Where(name => name.Length > 0).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Unreadable($"the header has '{Excerpt.Of(twice.Key)}' {twice.Count()} times; give every column its own name");
        return names;
    }

    private string Name(TableCell cell)
    {
        ReadOnlySpan<byte> bytes = _buffer.Bytes.Slice(cell.Start, cell.Length);
        if (Utf8Text.FirstInvalidByte(bytes) >= 0)
            throw Unreadable("the header is not UTF-8; save the file as UTF-8");
        string name = Encoding.UTF8.GetString(bytes);
        return (cell.IsQuoted ? name.Replace("\"\"", "\"", StringComparison.Ordinal) : name).Trim();
    }

    private PreferenceDataException Unreadable(string text) => new(_path, LineNumber, null, null, text + ".");

    private void WriteRow()
    {
        if (_scanner.IsOpen)
            throw Malformed($"the quote that opens cell {_scanner.CellCount} is not closed before the file ends; quotes inside a quoted cell are doubled.");
        if (_scanner.BrokenCell > 0)
        {
            throw Malformed(
                $"cell {_scanner.BrokenCell} goes on behind its closing quote; quotes inside a quoted cell are doubled (\"\"), and the cell ends with " +
                "its quote.");
        }

        if (_scanner.CellCount != _names.Length)
        {
            throw Malformed(
                $"the record has {_scanner.CellCount} cells, and the header names {_names.Length} columns; quote cells that hold the delimiter or a " +
                "line break.");
        }

        _row.Write("{"u8);
        for (int i = 0; i < _names.Length; i++)
        {
            TableCell cell = _scanner.Cells[i];
            ReadOnlySpan<byte> bytes = _buffer.Bytes.Slice(cell.Start, cell.Length);
            if (_names[i].Length == 0)
                CheckUnnamed(i, bytes);
            else
                WriteCell(i, bytes, cell.IsQuoted);
        }
        _row.Write("}"u8);
    }

    private void WriteCell(int column, ReadOnlySpan<byte> bytes, bool isQuoted)
    {
        int invalid = Utf8Text.FirstInvalidByte(bytes);
        if (invalid >= 0)
        {
            throw Here.Fault(BadRowReason.NotUtf8, _names[column],
                $"byte 0x{bytes[invalid]:X2} of '{_names[column]}' is not UTF-8, after '{Excerpt.Before(bytes, invalid)}'; save the file as UTF-8.");
        }

        if (_row.WrittenCount > 1)
            _row.Write(","u8);
        _row.Write(_keys[column]);
        JsonStrings.Write(_row, bytes, isQuoted);
    }

    private void CheckUnnamed(int column, ReadOnlySpan<byte> bytes)
    {
        bool meansNothing = bytes.Trim(" \t"u8).IsEmpty || (column == 0 && !bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9'));
        if (!meansNothing)
            throw Malformed($"column {column + 1} has no name in the header, and holds '{Excerpt.Of(Encoding.UTF8.GetString(bytes))}'; name the column.");
    }

    private PreferenceDataException Malformed(string text) => Here.Fault(BadRowReason.MalformedRecord, null, text);
}
