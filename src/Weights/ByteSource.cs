namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Bytes that are read piece by piece at given offsets.</summary>
/// <remarks>
/// Positional reads instead of a mapping: a file cut short by another process is then an exception, not the death of the process,
/// and pages of the file never count as resident memory.
/// </remarks>
internal abstract class ByteSource(string path, long length) : IDisposable
{
    /// <summary>The file's path, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>The number of bytes.</summary>
    public long Length { get; } = length;

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="WeightFileException">The source ends before that.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || destination.Length > Length - offset)
            throw Fail($"byte {offset}", $"{destination.Length} bytes are needed here, but the file has {Length}");
        while (!destination.IsEmpty)
        {
            int read = ReadSome(offset, destination);
            if (read == 0)
                throw Fail($"byte {offset}", $"the file ends here; it had {Length} bytes when it was opened");
            offset += read;
            destination = destination[read..];
        }
    }

    /// <summary>The exception for a fault of this file.</summary>
    public WeightFileException Fail(string where, string what, Exception? inner = null) => new(Path, where, what, inner);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Reads at least one byte at <paramref name="offset"/>; zero means the end.</summary>
    protected abstract int ReadSome(long offset, Span<byte> destination);
}
