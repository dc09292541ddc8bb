using System.Buffers;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Reads a JSON array element by element, or JSON values that follow one another over several lines each.</summary>
/// <remarks>Only the borders of elements are looked for here; line breaks between tokens become spaces, so that an element stands on one line.</remarks>
internal sealed class ElementReader : RecordReader
{
    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]\n\r"u8);
    private static readonly SearchValues<byte> s_endsOfScalar = SearchValues.Create(",]} \t\r\n"u8);

    private readonly string _path;
    private readonly RecordBuffer _buffer;
    private readonly int _maxBytes;
    private readonly bool _isArray;
    private long _line = 1;
    private long _elementLine = 1;
    private long _element;
    private int _position;
    private long _depth;
    private bool _inString;
    private bool _escaped;
    private bool _insideTooLong;
    private bool _ended;

    public ElementReader(Stream stream, string path, int maxBytes, bool isArray)
    {
        (_path, _maxBytes, _isArray) = (path, maxBytes, isArray);
        _buffer = new RecordBuffer(stream, maxBytes);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Record => _buffer.Bytes[.._position];

    /// <inheritdoc/>
    public override long LineNumber => _elementLine;

    /// <inheritdoc/>
    public override long Ordinal => _element;

    /// <inheritdoc/>
    public override string Noun => "element";

    /// <inheritdoc/>
    public override string LengthAdvice => "look for a bracket or quote that is not closed";

    /// <inheritdoc/>
    public override LineStatus Read()
    {
        if (_insideTooLong)
            Scan(keep: false);
        _insideTooLong = false;
        Pass();
        if (_ended || !FindElement())
        {
            _ended = true;
            return LineStatus.End;
        }
        _element++;
        _elementLine = _line;
        (_depth, _inString, _escaped) = (0, false, false);
        _insideTooLong = !Scan(keep: true);
        if (!_insideTooLong && _position <= _maxBytes)
            return LineStatus.Line;
        Pass();
        return LineStatus.TooLong;
    }

    /// <inheritdoc/>
    public override void Dispose() => _buffer.Dispose();

    private void Pass()
    {
        _buffer.Skip(_position);
        _position = 0;
    }

    // Moves to the next element's first byte; false where there is none.
    private bool FindElement()
    {
        if (_element == 0)
            FindStart();
        if (!_isArray)
            return FindObject();
        if (!SkipSpace())
            throw Cut("the array is not closed by ']'");
        if (_buffer.Bytes[0] == ']')
            return EndArray();
        if (_element == 0)
            return true;
        if (_buffer.Bytes[0] != ',')
            throw Fault($"element {_element} is followed by '{Excerpt.Of(_buffer.Bytes)}'; elements are divided by commas, and the array ends with ']'");
        _buffer.Skip(1);
        if (!SkipSpace())
            throw Cut("the array is not closed by ']'");
        return _buffer.Bytes[0] is not ((byte)']' or (byte)',') ? true
            : throw Fault($"no element follows the comma after element {_element}; take the comma out");
    }

    private bool FindObject()
    {
        if (!SkipSpace())
            return false;
        return _buffer.Bytes[0] == '{'
            ? true
            : throw Fault($"'{Excerpt.Of(_buffer.Bytes)}' follows element {_element}; the file holds JSON objects and nothing else");
    }

    private void FindStart()
    {
        _buffer.Have(TextBeginning.LongestMark);
        _buffer.Skip(TextBeginning.MarkLength(_buffer.Bytes));
        if (!_isArray || !SkipSpace())
            return;
        if (_buffer.Bytes[0] != '[')
            throw Fault($"the file begins with '{Excerpt.Of(_buffer.Bytes)}', and was an array when it was looked at first; it has changed since");
        _buffer.Skip(1);
    }

    private bool EndArray()
    {
        _buffer.Skip(1);
        return SkipSpace() ? throw Fault($"'{Excerpt.Of(_buffer.Bytes)}' follows the end of the array; the file holds one array and nothing else") : false;
    }

    private bool SkipSpace()
    {
        while (true)
        {
            ReadOnlySpan<byte> bytes = _buffer.Bytes;
            int other = bytes.IndexOfAnyExcept(" \t\r\n"u8);
            int spaces = other < 0 ? bytes.Length : other;
            _line += bytes[..spaces].Count((byte)'\n');
            _buffer.Skip(spaces);
            if (other >= 0)
                return true;
            if (!_buffer.Fill())
                return false;
        }
    }

    // False where the element is longer than allowed and has not ended yet.
    private bool Scan(bool keep)
    {
        while (true)
        {
            Span<byte> rest = _buffer.Bytes[_position..];
            if (!rest.IsEmpty)
            {
                if (Step(rest))
                    return true;
                continue;
            }
            if (keep && _position > _maxBytes)
                return false;
            if (!keep)
                Pass();
            if (!_buffer.Fill())
                throw Cut($"element {_element}, which begins in line {_elementLine}, is not closed");
        }
    }

    // True where the element has ended; the position is behind its last byte then.
    private bool Step(Span<byte> rest)
    {
        if (_inString)
            return StepInString(rest);
        int stop = _depth > 0 || rest[0] is (byte)'{' or (byte)'[' or (byte)'"' ? rest.IndexOfAny(s_structure) : rest.IndexOfAny(s_endsOfScalar);
        _position += stop < 0 ? rest.Length : stop;
        if (stop < 0)
            return false;
        byte value = rest[stop];
        if (_depth == 0 && value is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return true;
        _position++;
        switch (value)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'\n':
                _line++;
                rest[stop] = (byte)' ';
                return false;
            case (byte)'\r':
                rest[stop] = (byte)' ';
                return false;
            default:
                return --_depth == 0;
        }
    }

    private bool StepInString(ReadOnlySpan<byte> rest)
    {
        if (_escaped)
        {
            _escaped = false;
            _position++;
            return false;
        }
        int stop = rest.IndexOfAny((byte)'"', (byte)'\\', (byte)'\n');
        _position += stop < 0 ? rest.Length : stop + 1;
        if (stop < 0)
            return false;
        _escaped = rest[stop] == '\\';
        _line += rest[stop] == '\n' ? 1 : 0;
        _inString = rest[stop] != '"';
        return !_inString && _depth == 0;
    }

    private PreferenceDataException Cut(string what) => Fault($"the file ends before its data do: {what}; the copy may be incomplete");

    private PreferenceDataException Fault(string text) => new(_path, _line, null, null, text + ".");
}
