using System.IO.Compression;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Builds archives by the framework's own zip writer, which knows nothing of ours.</summary>
internal static class ZipBytes
{
    /// <summary>A checkpoint with the given pickle and one storage of 64 bytes.</summary>
    public static byte[] Checkpoint(byte[] pickle) => Stored(
        ("archive/data.pkl", pickle), ("archive/byteorder", "little"u8.ToArray()), ("archive/data/0", new byte[64]), ("archive/version", "3\n"u8.ToArray()));

    public static byte[] Stored(params (string Name, byte[] Data)[] entries) => Create(CompressionLevel.NoCompression, entries);

    public static byte[] Create(CompressionLevel level, params (string Name, byte[] Data)[] entries)
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] data) in entries)
            {
                using Stream stream = zip.CreateEntry(name, level).Open();
                stream.Write(data);
            }
        }
        return bytes.ToArray();
    }

    /// <summary>The archive with some of its bytes changed.</summary>
    public static byte[] With(this byte[] zip, int offset, params byte[] bytes)
    {
        byte[] copy = [.. zip];
        bytes.CopyTo(copy, offset);
        return copy;
    }

    /// <summary>Where the directory's record of the n-th entry begins.</summary>
    public static int Record(this byte[] zip, int entry)
    {
        int at = -1;
        for (int i = 0; i <= entry; i++)
            at = zip.AsSpan(at + 1).IndexOf("PK\u0001\u0002"u8) + at + 1;
        return at;
    }

    /// <summary>Where the directory's end record begins.</summary>
    public static int End(this byte[] zip) => zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);

    /// <summary>The archive with every appearance of a text replaced by another of the same length.</summary>
    public static byte[] Replace(this byte[] zip, string old, string other)
    {
        byte[] copy = [.. zip], from = Encoding.UTF8.GetBytes(old), to = Encoding.UTF8.GetBytes(other);
        for (int at; (at = copy.AsSpan().IndexOf(from)) >= 0;)
            to.CopyTo(copy, at);
        return copy;
    }
}
