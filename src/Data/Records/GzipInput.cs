namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>The packed bytes of a gzip file: remembers what it gave last, because an inflater takes more than it uses.</summary>
internal sealed class GzipInput(Stream stream) : Stream
{
    private const int History = 32 * 1024;
    private const int Capacity = 128 * 1024;

    private readonly byte[] _bytes = new byte[Capacity];
    private int _given;
    private int _givenBefore;
    private int _position;
    private int _end;

    /// <summary>Whether a read came to the stream's end.</summary>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (!Have(1))
            return 0;
        int count = Math.Min(Math.Min(buffer.Length, _end - _position), History / 2);
        _bytes.AsSpan(_position, count).CopyTo(buffer);
        (_givenBefore, _given) = (_given, _position);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>The next byte, or -1.</summary>
    public override int ReadByte() => Have(1) ? _bytes[_position++] : -1;

    /// <summary>Moves behind a mark that stands in what was given last or begins right behind it.</summary>
    /// <returns>False where it does not.</returns>
    public bool MoveBehind(ReadOnlySpan<byte> mark)
    {
        Have(mark.Length);
        int last = Math.Min(_end, _position + mark.Length);
        foreach (int from in (ReadOnlySpan<int>)[_given, _givenBefore])
        {
            int at = _bytes.AsSpan(from, last - from).IndexOf(mark);
            if (at < 0)
                continue;
            _position = _given = _givenBefore = from + at + mark.Length;
            return true;
        }
        return false;
    }

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stream.Dispose();
        base.Dispose(disposing);
    }

    private bool Have(int count)
    {
        while (_end - _position < count)
        {
            if (_end == _bytes.Length)
                Forget();
            int read = stream.Read(_bytes, _end, _bytes.Length - _end);
            _end += read;
            if (read > 0)
                continue;
            HasEnded = true;
            return false;
        }
        return true;
    }

    private void Forget()
    {
        int from = Math.Max(0, _position - History);
        _bytes.AsSpan(from, _end - from).CopyTo(_bytes);
        _position -= from;
        _end -= from;
        _given = Math.Max(0, _given - from);
        _givenBefore = Math.Max(0, _givenBefore - from);
    }
}
