using System.Buffers;
using MiniMind.MLNet.Dpo.Data.Records;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Reads a stream line by line into one pooled buffer that never grows past the longest line allowed.</summary>
internal sealed class LineReader : RecordReader
{
    private const int FirstBufferBytes = 128 * 1024;

    private readonly Stream _stream;
    private readonly int _maxLineBytes;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _lineNumber;
    private int _lineStart;
    private int _lineEnd;
    private bool _streamEnded;
    private bool _insideTooLong;

    public LineReader(Stream stream, int maxLineBytes)
    {
        _stream = stream;
        _maxLineBytes = maxLineBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBufferBytes, maxLineBytes + 1));
    }

    /// <summary>The line last read, without its end and without a byte order mark; valid until the next read.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_lineStart, _lineEnd - _lineStart);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Record => Line;

    /// <inheritdoc/>
    public override long LineNumber => _lineNumber;

    /// <inheritdoc/>
    public override LineStatus Read()
    {
        if (_insideTooLong)
            SkipRestOfLine();
        int scanned = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (newline >= 0)
                return EndLine(length: scanned + newline, terminator: 1);
            scanned = _end - _start;
            if (scanned > _maxLineBytes)
                return TooLong();
            if (!Fill())
                return scanned == 0 ? LineStatus.End : EndLine(scanned, terminator: 0);
        }
    }

    /// <summary>Returns the buffer and disposes the stream.</summary>
    public override void Dispose()
    {
        if (_buffer.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = _lineStart = _lineEnd = 0;
        _stream.Dispose();
    }

    private LineStatus EndLine(int length, int terminator)
    {
        _lineNumber++;
        _lineStart = _start;
        _lineEnd = _start + length;
        _start = _lineEnd + terminator;
        if (length > _maxLineBytes)
            return LineStatus.TooLong;
        if (_lineNumber == 1 && Line.StartsWith("\uFEFF"u8))
            _lineStart += 3;
        if (Line.EndsWith("\r"u8))
            _lineEnd--;
        return LineStatus.Line;
    }

    private LineStatus TooLong()
    {
        _lineNumber++;
        _insideTooLong = true;
        _start = _end = _lineStart = _lineEnd = 0;
        return LineStatus.TooLong;
    }

    private void SkipRestOfLine()
    {
        _insideTooLong = false;
        while (true)
        {
            int newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                _start += newline + 1;
                return;
            }
            _start = _end = 0;
            if (!Fill())
                return;
        }
    }

    private bool Fill()
    {
        if (_streamEnded)
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
            Grow();
        int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _streamEnded = read == 0;
        return read > 0;
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _buffer.Length, _maxLineBytes + 1L));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
