using MiniMind.MLNet.Dpo.Data.Records;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>One pass over the files: every good row in order, every other line counted or refused.</summary>
internal sealed class JsonlRowStream(IReadOnlyList<JsonlSource> sources, RowFormat format, JsonlFileOptions options, Action<BadRowReport> completed,
    bool anyKind = false) : IDisposable
{
    private readonly BadRowTally _tally = new();
    private readonly RecordSource _opener = new(options, anyKind);
    private RecordReader? _lines;
    private int _source = -1;
    private PreferenceDataException? _fault;
    private bool _ended;
    private bool _insideLine;
    private LeadingBadRows _leading;

    /// <summary>The line of the current row; valid until the next read.</summary>
    public ReadOnlySpan<byte> Line => _lines!.Record;

    /// <summary>Where the current row stands.</summary>
    public LineLocation Location => new(sources[_source].Path, _lines!.LineNumber, _lines.Noun, _lines.Ordinal, _lines.CountsLines);

    /// <summary>What that row holds.</summary>
    public RowFormat Format => format;

    /// <summary>Moves to the next good row.</summary>
    /// <exception cref="PreferenceDataException">A row is bad and bad rows fail, or there is no good row at all; reading on fails again.</exception>
    public bool Read()
    {
        if (_fault is not null)
            throw _fault;
        try
        {
            while (!_ended)
            {
                if ((_insideLine ? LineStatus.Line : ReadLine()) is { } status && Accept(status))
                    return true;
            }
            return false;
        }
        catch (PreferenceDataException fault)
        {
            _fault = fault;
            throw;
        }
    }

    /// <summary>Closes the file that is being read.</summary>
    public void Dispose()
    {
        _ended = true;
        _lines?.Dispose();
    }

    // Null where a file has ended, or a record was left out.
    private LineStatus? ReadLine()
    {
        if (_lines is null)
        {
            if (_source + 1 == sources.Count)
            {
                End();
                return null;
            }
            _lines = _opener.Open(sources[++_source]);
            _leading = default;
        }
        LineStatus? status = ReadRecord(_lines);
        if (status != LineStatus.End)
            return status;
        _lines.Dispose();
        _lines = null;
        return null;
    }

    private LineStatus? ReadRecord(RecordReader records)
    {
        try
        {
            return records.Read();
        }
        catch (PreferenceDataException fault) when (options.BadRows == BadRowPolicy.Skip && fault.Reason is not null)
        {
            _tally.AddBad(fault, Location);
            _leading.AddBad(fault, Location, options);
            return null;
        }
    }

    // One line may give several rows: the first of them is read with it, the others by further calls.
    private bool Accept(LineStatus status)
    {
        LineLocation at = Location;
        try
        {
            if (!_insideLine && !ReadRows(status, at))
                return false;
            _insideLine = true;
            _insideLine = format.MoveNext(Line, at);
            if (!_insideLine)
                return false;
            _tally.AddGood();
            _leading.AddGood();
            return true;
        }
        catch (PreferenceDataException fault) when (options.BadRows == BadRowPolicy.Skip)
        {
            _tally.AddBad(fault, at);
            _leading.AddBad(fault, at, options);
            return false;
        }
    }

    private bool ReadRows(LineStatus status, LineLocation at)
    {
        if (status == LineStatus.TooLong)
        {
            throw at.Fault(BadRowReason.LineTooLong, null,
                $"the {_lines!.Noun} is longer than {options.MaxLineBytes} bytes; {_lines.LengthAdvice}, or raise {nameof(options.MaxLineBytes)}.");
        }

        if (Line.Trim(" \t\r"u8).IsEmpty)
        {
            _tally.AddBlank();
            return false;
        }
        format.Read(Line, at);
        _tally.AddTies(format.Ties);
        return true;
    }

    private void End()
    {
        _ended = true;
        BadRowReport report = _tally.ToReport();
        completed(report);
        if (report.GoodRowCount > 0)
            return;
        string files = string.Join(", ", sources.Select(source => source.Path));
        string why = report.BadRowCount > 0 ? $"{report}. The first: {report.Rows[0].Message!.TrimEnd('.')}" : report.TieCount > 0 ? report.ToString()
            : report.BlankLineCount > 0 ? $"its {report.BlankLineCount} lines are blank" : "it is empty";
        throw new PreferenceDataException(files, null, null, null, $"there are no rows to read: {why}.{(anyKind ? "" : " A line holds one JSON object.")}");
    }
}
