using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What tells a file from one that took its place: of a model file, the end has the checksums of all it holds.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Written">When it was written.</param>
/// <param name="End">A checksum of its end.</param>
internal readonly record struct FileStamp(long Length, DateTime Written, uint End)
{
    private const int EndBytes = 1 << 16;

    /// <summary>The stamp of a file as it is now; <see langword="null"/> where it is not there, or cannot be read.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            DateTime written = File.GetLastWriteTimeUtc(path);
            using FileStream file = RegularFile.OpenRead(path, FileOptions.None, FileShare.ReadWrite | FileShare.Delete);
            byte[] end = new byte[(int)Math.Min(EndBytes, file.Length)];
            file.Position = file.Length - end.Length;
            int read = file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false);
            return new FileStamp(file.Length, written, Crc32.Update(0, end.AsSpan(0, read)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}
