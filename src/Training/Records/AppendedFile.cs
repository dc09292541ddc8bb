using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>A file to which whole records are added. A record that could not be written whole is overwritten by the next.</summary>
internal sealed class AppendedFile(string path)
{
    /// <summary>The most bytes that are read back: what a run of millions of measurements writes.</summary>
    public const int MaxBytes = 1 << 30;

    private long _length;

    /// <summary>Whether it has no record yet, or has been taken away.</summary>
    public bool IsEmpty => _length == 0 || !File.Exists(path);

    /// <summary>What is in it; empty where it is not there.</summary>
    /// <exception cref="IOException">It cannot be read, is no regular file, or larger than <see cref="MaxBytes"/>.</exception>
    public byte[] Read()
    {
        if (!Path.Exists(path))
            return [];
        try
        {
            return RegularFile.ReadAllBytes(path, MaxBytes);
        }
        catch (InvalidDataException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    /// <summary>Shortens it to its first bytes; new records follow those.</summary>
    public void CutTo(long length)
    {
        _length = length;
        if (!File.Exists(path))
            return;
        RefuseOthers();
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.SetLength(length);
    }

    /// <summary>Replaces the contents, whole or not at all.</summary>
    public void Replace(ReadOnlySpan<byte> bytes)
    {
        ReplacedFile.Write(path, bytes);
        _length = bytes.Length;
    }

    /// <summary>Adds one record.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        RefuseOthers();
        // opened anew each time, so that nobody is kept from reading, moving or deleting it meanwhile
        using FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > _length)
            stream.SetLength(_length);
        long before = stream.Position = stream.Length;
        try
        {
            stream.Write(record);
            stream.Flush();
        }
        catch (IOException)
        {
            stream.SetLength(before); // readers see no half record; giving room back works on a full disk too
            throw;
        }
        _length = stream.Position;
    }

    // opening a pipe to write would wait for a reader, and a device takes everything and keeps nothing
    private void RefuseOthers()
    {
        if (RegularFile.KindOf(path) is { } kind)
            throw new IOException($"'{path}' is {kind}, not a regular file.");
    }
}
