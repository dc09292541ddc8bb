using Microsoft.Win32.SafeHandles;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The bytes of a file on disk, at any offset.</summary>
internal sealed class FileByteSource : ByteSource
{
    private readonly SafeFileHandle _handle;

    private FileByteSource(string path, SafeFileHandle handle)
        : base(path, RandomAccess.GetLength(handle)) => _handle = handle;

    /// <summary>Opens <paramref name="path"/> for reading.</summary>
    public static FileByteSource Open(string path)
    {
        SafeFileHandle handle = File.OpenHandle(path);
        try
        {
            return new FileByteSource(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    protected override int ReadSome(long offset, Span<byte> destination) => RandomAccess.Read(_handle, destination, offset);
}
