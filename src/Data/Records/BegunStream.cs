namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>A stream whose first bytes have been looked at: gives them again, and then what follows.</summary>
internal sealed class BegunStream : Stream
{
    private readonly Stream _stream;
    private readonly byte[] _beginning;
    private int _position;

    /// <summary>Reads the first bytes of a stream.</summary>
    /// <param name="stream">The stream, which is disposed with this one.</param>
    /// <param name="count">How many bytes to look at.</param>
    public BegunStream(Stream stream, int count)
    {
        _stream = stream;
        byte[] bytes = new byte[count];
        _beginning = bytes[..stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
    }

    /// <summary>The first bytes.</summary>
    public ReadOnlySpan<byte> Beginning => _beginning;

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
        if (_position == _beginning.Length)
            return _stream.Read(buffer);
        int count = Math.Min(buffer.Length, _beginning.Length - _position);
        _beginning.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        _position == _beginning.Length ? _stream.Read(buffer, offset, count) : Read(buffer.AsSpan(offset, count));

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
            _stream.Dispose();
        base.Dispose(disposing);
    }
}
