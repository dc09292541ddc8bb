namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Divides a table (RFC 4180) into records and cells: quoted cells may hold delimiters, line breaks and doubled quotes.</summary>
/// <remarks>A quote in the middle of a cell without quotes is a character as any other. CRLF, LF and CR alone end a record.</remarks>
internal sealed class TableScanner(RecordBuffer buffer, byte delimiter, int maxBytes)
{
    /// <summary>Cells of a record that are told apart; more are counted only.</summary>
    public const int MaxCells = 4096;

    private readonly List<TableCell> _cells = [];
    private int _position;
    private int _cellStart;
    private CellState _state;
    private bool _insideTooLong;
    private bool _afterReturn;
    private long _line = 1;

    /// <summary>The cells of the record last read; their bytes are those of the buffer until <see cref="Pass"/>.</summary>
    public IReadOnlyList<TableCell> Cells => _cells;

    /// <summary>How many cells that record has.</summary>
    public long CellCount { get; private set; }

    /// <summary>The line in which it begins.</summary>
    public long LineNumber { get; private set; }

    /// <summary>The number, from 1, of its first cell that goes on behind the closing quote; 0 for none.</summary>
    public long BrokenCell { get; private set; }

    /// <summary>Whether the stream ended between quotes.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Reads the next record.</summary>
    public LineStatus Read()
    {
        if (_insideTooLong)
        {
            _insideTooLong = false;
            Scan(keep: false);
            Pass();
        }
        if (_afterReturn && (!buffer.Bytes.IsEmpty || buffer.Fill()) && buffer.Bytes[0] == '\n')
            buffer.Skip(1);
        _afterReturn = false;
        Begin();
        LineStatus status = Scan(keep: true);
        if (status == LineStatus.TooLong)
            _insideTooLong = true;
        else if (_position <= maxBytes)
            return status;
        Pass();
        return LineStatus.TooLong;
    }

    /// <summary>Passes over the record last read.</summary>
    public void Pass()
    {
        buffer.Skip(_position);
        _position = 0;
    }

    /// <summary>Passes over a first line that is no record.</summary>
    public void PassLine(int length)
    {
        buffer.Skip(length);
        _line++;
    }

    /// <summary>Passes over the line breaks before the header.</summary>
    public void PassBreaks()
    {
        while ((!buffer.Bytes.IsEmpty || buffer.Fill()) && buffer.Bytes[0] is (byte)'\n' or (byte)'\r')
        {
            _line += buffer.Bytes[0] == '\n' ? 1 : 0;
            buffer.Skip(1);
        }
    }

    private void Begin()
    {
        _cells.Clear();
        CellCount = 0;
        BrokenCell = 0;
        IsOpen = false;
        LineNumber = _line;
        _position = _cellStart = 0;
        _state = CellState.Start;
    }

    private LineStatus Scan(bool keep)
    {
        while (true)
        {
            Span<byte> rest = buffer.Bytes[_position..];
            if (!rest.IsEmpty)
            {
                if (Step(rest))
                    return LineStatus.Line;
                continue;
            }
            if (keep && _position > maxBytes)
                return LineStatus.TooLong;
            if (!keep)
                Pass();
            if (!buffer.Fill())
                return AtEnd();
        }
    }

    // True where the record has ended.
    private bool Step(ReadOnlySpan<byte> rest)
    {
        switch (_state)
        {
            case CellState.Start:
                bool quoted = rest[0] == '"';
                _state = quoted ? CellState.Quoted : CellState.Plain;
                _position += quoted ? 1 : 0;
                _cellStart = _position;
                return false;
            case CellState.Quoted:
                int stop = rest.IndexOfAny((byte)'"', (byte)'\n');
                _position += stop < 0 ? rest.Length : stop + 1;
                if (stop >= 0 && rest[stop] == '"')
                    _state = CellState.AfterQuote;
                else if (stop >= 0)
                    _line++;
                return false;
            case CellState.AfterQuote when rest[0] == '"':
                _state = CellState.Quoted;
                _position++;
                return false;
            case CellState.AfterQuote:
                if (rest[0] == delimiter || rest[0] is (byte)'\n' or (byte)'\r')
                    return EndCell(rest[0], _position - 1, isQuoted: true);
                if (BrokenCell == 0)
                    BrokenCell = CellCount + 1;
                _state = CellState.Plain;
                return false;
            default:
                int end = rest.IndexOfAny(delimiter, (byte)'\n', (byte)'\r');
                _position += end < 0 ? rest.Length : end;
                return end >= 0 && EndCell(rest[end], _position, isQuoted: false);
        }
    }

    private bool EndCell(byte separator, int end, bool isQuoted)
    {
        AddCell(end, isQuoted);
        _position++;
        _state = CellState.Start;
        if (separator == delimiter)
        {
            _cellStart = _position;
            return false;
        }
        _line++;
        _afterReturn = separator == '\r';
        return true;
    }

    private void AddCell(int end, bool isQuoted)
    {
        CellCount++;
        if (CellCount <= MaxCells)
            _cells.Add(new TableCell(_cellStart, Math.Max(0, end - _cellStart), isQuoted));
    }

    private LineStatus AtEnd()
    {
        if (CellCount == 0 && _state == CellState.Start)
            return LineStatus.End;
        IsOpen = _state == CellState.Quoted;
        AddCell(_state == CellState.AfterQuote ? _position - 1 : _position, isQuoted: _state is CellState.Quoted or CellState.AfterQuote);
        _state = CellState.Start;
        return LineStatus.Line;
    }
}
