namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A file, or anything else that gives the same bytes each time it is opened.</summary>
/// <param name="Path">The name for errors and the file column.</param>
/// <param name="Open">Opens the source at its start; the reader disposes the stream.</param>
internal sealed record JsonlSource(string Path, Func<Stream> Open)
{
    /// <summary>A file on disk.</summary>
    public static JsonlSource File(string path) =>
        new(path, () => RegularFile.OpenRead(path));
}
