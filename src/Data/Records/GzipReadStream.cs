using System.Buffers.Binary;
using System.IO.Compression;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Unpacks a gzip file (RFC 1952) of one member or more, and takes nothing for granted that <see cref="GZipStream"/> does: it must be whole.</summary>
/// <remarks>
/// A truncated file ends without a word there, and what follows the last member is passed over. Here each member's trailer, the checksum and
/// length of what it gave, must follow its data; that also tells where in the inflater's input the member ended.
/// </remarks>
internal sealed class GzipReadStream(Stream stream, string path) : Stream
{
    /// <summary>Bytes of a name or comment in the header of a member.</summary>
    public const int MaxNameBytes = 64 * 1024;

    private readonly GzipInput _input = new(stream);
    private DeflateStream? _member;
    private uint _checksum;
    private uint _length;
    private long _total;
    private bool _hasRead;
    private bool _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _total; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    /// <exception cref="PreferenceDataException">The file is damaged or not whole.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && !_ended)
        {
            if (_member is null && !BeginMember())
                return 0;
            int read = Inflate(buffer);
            if (read > 0)
                return read;
            EndMember();
        }
        return 0;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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
        {
            _ended = true;
            _member?.Dispose();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool BeginMember()
    {
        int first = _input.ReadByte();
        // archivers fill up their last block
        while (_hasRead && first == 0)
            first = _input.ReadByte();
        _ended = first < 0;
        if (_ended)
            return false;
        if (first != 0x1F || _input.ReadByte() != 0x8B || _input.ReadByte() != 8)
            throw Fault("bytes follow the end of its data that are not gzip");
        ReadHeader();
        _member = new DeflateStream(_input, CompressionMode.Decompress, leaveOpen: true);
        _checksum = _length = 0;
        return true;
    }

    private void ReadHeader()
    {
        int flags = Next();
        if ((flags & 0xE0) != 0)
            throw Fault("its header has flags that gzip does not know");
        Skip(6);
        if ((flags & 4) != 0)
            Skip(Next() | (Next() << 8));
        for (int names = (flags >> 3 & 1) + (flags >> 4 & 1); names > 0; names--)
            SkipName();
        Skip((flags & 2) != 0 ? 2 : 0);
    }

    private void SkipName()
    {
        for (int length = 0; Next() != 0; length++)
        {
            if (length == MaxNameBytes)
                throw Fault($"its header holds a name of more than {MaxNameBytes} bytes");
        }
    }

    private void Skip(int count)
    {
        for (; count > 0; count--)
            Next();
    }

    private int Next() => _input.ReadByte() is >= 0 and int value ? value : throw Cut();

    private int Inflate(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _member!.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw Fault($"its packed data are damaged ({error.Message.TrimEnd('.')})", error);
        }
        _checksum = Crc32.Update(_checksum, buffer[..read]);
        _length += (uint)read;
        _total += read;
        return read;
    }

    private void EndMember()
    {
        Span<byte> trailer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _length);
        if (!_input.MoveBehind(trailer))
            throw _input.HasEnded ? Cut() : Fault("its checksum is not that of its data");
        _member!.Dispose();
        _member = null;
        _hasRead = true;
    }

    private PreferenceDataException Cut() => Fault("it ends before its data do, or its checksum is not that of its data: the copy is incomplete or damaged");

    private PreferenceDataException Fault(string what, Exception? inner = null) =>
        new(path, null, null, null, $"the gzip file cannot be unpacked beyond {_total} bytes of its content: {what}; copy or make it anew.", inner);
}
