using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A file that is written whole under another name and then takes its own: readers never see half of it.</summary>
internal static class ReplacedFile
{
    /// <summary>Writes the file, or leaves the old one as it was.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        if (RegularFile.KindOf(path) is { } kind)
            throw new IOException($"'{path}' is {kind}, which a saved file would replace.");
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
