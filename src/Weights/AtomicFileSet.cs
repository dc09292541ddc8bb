using System.Text;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Files that are written under temporary names beside their targets and take their names only when all are on the disk.</summary>
/// <remarks>Until <see cref="Commit"/> has begun, the old files are untouched; a set that is disposed before leaves nothing behind.</remarks>
internal sealed class AtomicFileSet : IDisposable
{
    private const int MaxNameBytes = 255, AddedBytes = 18; // of a file's name, and what a temporary one has more

    private readonly List<(string Temporary, string Target)> _files = [];

    /// <summary>Writes one file whole, or leaves the old one as it was.</summary>
    /// <param name="path">The target.</param>
    /// <param name="write">Writes the contents.</param>
    public static void WriteOne(string path, Action<Stream> write)
    {
        using AtomicFileSet files = new();
        files.Write(path, write);
        files.Commit();
    }

    /// <summary>Writes one file of the set under a temporary name and flushes it to the disk.</summary>
    /// <param name="path">The name it takes at <see cref="Commit"/>.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">It could not be written, or the target is a pipe, device or folder, which a file must not replace.</exception>
    public void Write(string path, Action<Stream> write)
    {
        string target = Path.GetFullPath(path);
        if (RegularFile.KindOf(target) is { } kind)
            throw new IOException($"'{target}' is {kind}, which a saved file would replace; give the name of a file.");
        string name = Path.GetFileName(target), shown = Encoding.UTF8.GetByteCount(name) + AddedBytes <= MaxNameBytes ? name : "saving";
        string temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{shown}.{Path.GetRandomFileName()}.tmp");
        _files.Add((temporary, target));
        using FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Gives the files their names, in the order in which they were written.</summary>
    public void Commit()
    {
        while (_files.Count > 0)
        {
            File.Move(_files[0].Temporary, _files[0].Target, overwrite: true);
            _files.RemoveAt(0);
        }
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose()
    {
        foreach ((string temporary, _) in _files)
            File.Delete(temporary);
        _files.Clear();
    }
}
