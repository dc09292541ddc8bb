using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The bytes of a file on disk, at any offset.</summary>
internal sealed class FileByteSource : ByteSource
{
    private readonly FileStream _file;

    private FileByteSource(string path, FileStream file)
        : base(path, RandomAccess.GetLength(file.SafeFileHandle)) => _file = file;

    /// <summary>Opens <paramref name="path"/> for reading.</summary>
    /// <exception cref="WeightFileException">It is no regular file: a folder, pipe, socket or device.</exception>
    /// <exception cref="IOException">It cannot be opened, or is not there.</exception>
    public static FileByteSource Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = RegularFile.OpenRead(path, FileOptions.None);
            return new FileByteSource(path, file);
        }
        catch (InvalidDataException failure)
        {
            throw new WeightFileException(path, "file", failure.Message, failure);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    /// <inheritdoc/>
    protected override int ReadSome(long offset, Span<byte> destination) => RandomAccess.Read(_file.SafeFileHandle, destination, offset);
}
