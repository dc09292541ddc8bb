using System.Text;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes a zip archive of stored entries front to back, each entry's data at a multiple of 64 bytes as torch aligns storages.</summary>
/// <remarks>
/// Format: PKWARE APPNOTE 6.3.10, with data descriptors (4.3.9) since checksums are known only after the data, and zip64 (4.5.3) where
/// a number needs it. <see cref="System.IO.Compression.ZipArchive"/> cannot align.
/// </remarks>
/// <param name="stream">Receives the archive; need not seek.</param>
/// <param name="largest">The largest number for the 32-bit fields; tests lower it to reach zip64 with small files.</param>
internal sealed class StoredZipWriter(Stream stream, uint largest = uint.MaxValue - 1)
{
    private const int Alignment = 64;
    private const ushort Version = 45, DescriptorAndUtf8 = 0x0808, PaddingField = 0x4246, Sizes64Field = 1;

    private readonly List<(byte[] Name, uint Checksum, long Length, long Start)> _entries = [];
    private long _position;

    /// <summary>Writes one entry.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">The bytes that <paramref name="write"/> writes.</param>
    /// <param name="write">Writes the data.</param>
    public void Add(string name, long length, Action<Stream> write)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        long start = _position;
        bool large = length > largest;
        byte[] sizes64 = large ? Record(w => Numbers(w, Sizes64Field, (ushort)16, 0L, 0L)) : [];
        int padding = (int)(-(start + 30 + nameBytes.Length + sizes64.Length + 4) & (Alignment - 1));
        Emit(w =>
        {
            uint size = large ? uint.MaxValue : 0;
            Numbers(w, 0x04034b50u, Version, DescriptorAndUtf8, (ushort)0, 0u, 0u, size, size, (ushort)nameBytes.Length,
                (ushort)(sizes64.Length + 4 + padding));
            w.Write(nameBytes);
            w.Write(sizes64);
            Numbers(w, PaddingField, (ushort)padding);
            w.Write(new byte[padding]);
        });
        ChecksumStream data = new(stream);
        write(data);
        if (data.Length != length)
            throw new InvalidOperationException($"Entry '{name}' has {data.Length} bytes instead of {length}.");
        _position += length;
        Emit(w =>
        {
            Numbers(w, 0x08074b50u, data.Checksum);
            if (large)
                Numbers(w, length, length);
            else
                Numbers(w, (uint)length, (uint)length);
        });
        _entries.Add((nameBytes, data.Checksum, length, start));
    }

    /// <summary>Writes the directory, after the last entry.</summary>
    public void Finish()
    {
        long start = _position;
        foreach ((byte[] name, uint checksum, long length, long entryStart) in _entries)
        {
            byte[] sizes64 = Record(w =>
            {
                if (length > largest)
                    Numbers(w, length, length);
                if (entryStart > largest)
                    Numbers(w, entryStart);
            });
            Emit(w =>
            {
                uint size = length > largest ? uint.MaxValue : (uint)length;
                Numbers(w, 0x02014b50u, Version, Version, DescriptorAndUtf8, (ushort)0, 0u, checksum, size, size, (ushort)name.Length);
                Numbers(w, (ushort)(sizes64.Length == 0 ? 0 : sizes64.Length + 4), (ushort)0, (ushort)0, (ushort)0, 0u,
                    entryStart > largest ? uint.MaxValue : (uint)entryStart);
                w.Write(name);
                if (sizes64.Length > 0)
                    Numbers(w, Sizes64Field, (ushort)sizes64.Length);
                w.Write(sizes64);
            });
        }
        long end = _position, directoryLength = end - start, count = _entries.Count;
        bool large = start > largest || directoryLength > largest || count >= ushort.MaxValue;
        Emit(w =>
        {
            if (large)
            {
                Numbers(w, 0x06064b50u, 44L, Version, Version, 0u, 0u, count, count, directoryLength, start);
                Numbers(w, 0x07064b50u, 0u, end, 1u);
            }
            ushort entries = large ? ushort.MaxValue : (ushort)count;
            Numbers(w, 0x06054b50u, (ushort)0, (ushort)0, entries, entries, large ? uint.MaxValue : (uint)directoryLength,
                large ? uint.MaxValue : (uint)start, (ushort)0);
        });
    }

    private static byte[] Record(Action<BinaryWriter> write)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        write(writer);
        writer.Flush();
        return bytes.ToArray();
    }

    private static void Numbers(BinaryWriter writer, params ReadOnlySpan<object> numbers)
    {
        foreach (object number in numbers)
        {
            switch (number)
            {
                case ushort value:
                    writer.Write(value);
                    break;
                case uint value:
                    writer.Write(value);
                    break;
                case long value:
                    writer.Write(value);
                    break;
                default:
                    throw new ArgumentException($"A zip record has no field of type {number.GetType()}.", nameof(numbers));
            }
        }
    }

    private void Emit(Action<BinaryWriter> write)
    {
        byte[] bytes = Record(write);
        stream.Write(bytes);
        _position += bytes.Length;
    }
}
