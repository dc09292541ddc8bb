namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The bytes of a stream that may only go forward, as a stored entry of an archive does.</summary>
/// <remarks>Offsets must not decrease from read to read; the loader asks for tensors in the order of the file.</remarks>
internal sealed class StreamByteSource(Stream stream, long length, string name) : ByteSource(name, length)
{
    private long _position;

    /// <inheritdoc/>
    public override void Dispose() => stream.Dispose();

    /// <inheritdoc/>
    protected override int ReadSome(long offset, Span<byte> destination)
    {
        if (offset < _position)
            throw new InvalidOperationException($"{Path} was read up to byte {_position} and cannot go back to byte {offset}.");
        Span<byte> skipped = stackalloc byte[4096];
        while (_position < offset)
        {
            int read = stream.Read(skipped[..(int)Math.Min(skipped.Length, offset - _position)]);
            if (read == 0)
                return 0;
            _position += read;
        }
        int count = stream.Read(destination);
        _position += count;
        return count;
    }
}
