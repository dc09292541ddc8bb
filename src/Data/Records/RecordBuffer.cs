using System.Buffers;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>
/// The part of a stream that a reader looks at: one pooled block of bytes that grows up to a limit, and forgets what the reader is done with.
/// </summary>
internal sealed class RecordBuffer(Stream stream, int maxBytes) : IDisposable
{
    private const int FirstBytes = 128 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBytes, maxBytes + 1));
    private int _start;
    private int _end;
    private bool _streamEnded;

    /// <summary>What has been read and not been passed over; changes with every call.</summary>
    public Span<byte> Bytes => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Passes over the first bytes.</summary>
    public void Skip(int count) => _start += count;

    /// <summary>Reads on until a number of bytes are at hand, or the stream ends.</summary>
    public void Have(int count)
    {
        while (Bytes.Length < count && Fill())
        {
        }
    }

    /// <summary>Reads on behind <see cref="Bytes"/>, whose content stays.</summary>
    /// <returns>False at the stream's end.</returns>
    public bool Fill()
    {
        if (_streamEnded)
            return false;
        if (_start > 0)
        {
            Bytes.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }
        if (_end == _bytes.Length)
            Grow();
        int read = stream.Read(_bytes, _end, _bytes.Length - _end);
        _end += read;
        _streamEnded = read == 0;
        return read > 0;
    }

    /// <summary>Returns the block and disposes the stream.</summary>
    public void Dispose()
    {
        if (_bytes.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
        stream.Dispose();
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _bytes.Length, maxBytes + 1L));
        _bytes.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
