using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The directory of a zip archive of stored entries, checked so that no two entries share a byte.</summary>
/// <remarks>
/// Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3. torch never compresses the entries of a checkpoint; their data is read in place,
/// so nothing here can expand.
/// </remarks>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    private const uint DirectorySignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndLength = 22, Locator64Length = 20, End64Length = 56, DirectoryEntryLength = 46, LocalLength = 30;
    /// <summary>The most bytes of an archive's directory.</summary>
    public const int MaxDirectoryBytes = 64 << 20;
    /// <summary>Entries of an archive.</summary>
    public const int MaxEntries = 200_000;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, true);

    /// <summary>Reads the directory.</summary>
    /// <returns>The entries by name.</returns>
    /// <exception cref="WeightFileException">The archive is damaged, compressed, encrypted, or not a zip archive.</exception>
    public static Dictionary<string, ZipEntry> Read(ByteSource source)
    {
        (long directoryStart, long directoryLength, long entryCount) = FindDirectory(source);
        if (directoryLength > MaxDirectoryBytes || entryCount > MaxEntries || entryCount * DirectoryEntryLength > directoryLength)
        {
            throw source.Fail($"byte {directoryStart}",
                $"the archive's directory claims {entryCount} entries in {directoryLength} bytes; at most {MaxEntries} in {MaxDirectoryBytes} are allowed");
        }

        byte[] directory = new byte[directoryLength];
        source.Read(directoryStart, directory);

        Dictionary<string, ZipEntry> entries = [];
        List<(long Start, long End, string Name)> extents = [];
        int position = 0;
        for (long i = 0; i < entryCount; i++)
        {
            (string name, long localStart, long length) = ReadEntry(source, directory, directoryStart, ref position);
            long dataStart = FindData(source, name, localStart, directoryStart);
            if (length > directoryStart - dataStart)
                throw source.Fail($"entry '{name}'", $"its {length} bytes from byte {dataStart} run into the archive's directory at byte {directoryStart}");
            if (!entries.TryAdd(name, new ZipEntry(name, dataStart, length)))
                throw source.Fail($"entry '{name}'", "the archive has two entries of this name");
            extents.Add((localStart, dataStart + length, name));
        }
        if (position != directory.Length)
            throw source.Fail($"byte {directoryStart + position}", $"{directory.Length - position} bytes of the archive's directory belong to no entry");
        extents.Sort();
        for (int i = 1; i < extents.Count; i++)
        {
            if (extents[i].Start < extents[i - 1].End)
            {
                throw source.Fail($"entry '{extents[i].Name}'",
                    $"begins at byte {extents[i].Start}, inside entry '{extents[i - 1].Name}', which ends at {extents[i - 1].End}");
            }
        }
        return entries;
    }

    private static (long Start, long Length, long Count) FindDirectory(ByteSource source)
    {
        int tailLength = (int)Math.Min(source.Length, EndLength + ushort.MaxValue);
        byte[] tail = new byte[tailLength];
        source.Read(source.Length - tailLength, tail);
        int end = tailLength - EndLength;
        while (end >= 0 && !(U32(tail, end) == EndSignature && U16(tail, end + 20) == tailLength - end - EndLength))
            end--;
        if (end < 0)
            throw source.Fail("end of file", "no zip directory is here: the file is cut short, or it is not a zip archive");

        long endStart = source.Length - tailLength + end;
        long count = U16(tail, end + 10), length = U32(tail, end + 12), start = U32(tail, end + 16);
        bool oneDisk = U16(tail, end + 4) == 0 && U16(tail, end + 6) == 0 && U16(tail, end + 8) == count;
        if (!oneDisk)
            throw source.Fail($"byte {endStart}", "the archive claims to be spread over several disks");
        if (count == ushort.MaxValue || length == uint.MaxValue || start == uint.MaxValue)
            (start, length, count, endStart) = ReadEnd64(source, endStart);
        if (start < 0 || length < 0 || count < 0 || start > endStart || length > endStart - start)
        {
            throw source.Fail(
                $"byte {endStart}", $"the archive's directory is said to be {length} bytes from byte {start}, past its own end at byte {endStart}");
        }

        return (start, length, count);
    }

    private static (long Start, long Length, long Count, long EndStart) ReadEnd64(ByteSource source, long endStart)
    {
        if (endStart < Locator64Length + End64Length)
            throw source.Fail($"byte {endStart}", "the zip64 directory that is announced here is missing");
        byte[] locator = new byte[Locator64Length], end = new byte[End64Length];
        source.Read(endStart - Locator64Length, locator);
        long start = (long)U64(locator, 8);
        if (U32(locator, 0) != Locator64Signature || start < 0 || start > endStart - Locator64Length - End64Length)
            throw source.Fail($"byte {endStart - Locator64Length}", "the zip64 directory's locator is damaged");
        source.Read(start, end);
        if (U32(end, 0) != End64Signature)
            throw source.Fail($"byte {start}", "the zip64 directory's end record is damaged");
        return ((long)U64(end, 48), (long)U64(end, 40), (long)U64(end, 32), start);
    }

    private static (string Name, long LocalStart, long Length) ReadEntry(ByteSource source, byte[] directory, long directoryStart, ref int position)
    {
        string where = $"byte {directoryStart + position}";
        ReadOnlySpan<byte> rest = directory.AsSpan(position);
        if (rest.Length < DirectoryEntryLength || U32(rest, 0) != DirectorySignature)
            throw source.Fail(where, "the archive's directory is damaged");
        int nameLength = U16(rest, 28), extraLength = U16(rest, 30), commentLength = U16(rest, 32);
        if (rest.Length < DirectoryEntryLength + nameLength + extraLength + commentLength)
            throw source.Fail(where, "the archive's directory ends within an entry");
        string name = CheckName(source, where, rest.Slice(DirectoryEntryLength, nameLength));

        int flags = U16(rest, 8), method = U16(rest, 10);
        if ((flags & 0x2041) != 0)
            throw source.Fail($"entry '{name}'", "it is encrypted");
        if (method != 0)
        {
            throw source.Fail(
                $"entry '{name}'",
                $"it is compressed (method {method}); torch stores the entries of a checkpoint as they are, so save the file again with torch.save");
        }

        long compressed = U32(rest, 20), length = U32(rest, 24), localStart = U32(rest, 42);
        ReadOnlySpan<byte> extra = rest.Slice(DirectoryEntryLength + nameLength, extraLength);
        if (compressed == uint.MaxValue || length == uint.MaxValue || localStart == uint.MaxValue)
            ReadExtra64(source, name, extra, ref compressed, ref length, ref localStart);
        if (compressed != length || length < 0)
            throw source.Fail($"entry '{name}'", $"it is stored, but has {compressed} bytes in the archive and {length} outside");
        position += DirectoryEntryLength + nameLength + extraLength + commentLength;
        return (name, localStart, length);
    }

    private static void ReadExtra64(ByteSource source, string name, ReadOnlySpan<byte> extra, ref long compressed, ref long length, ref long localStart)
    {
        while (extra.Length >= 4)
        {
            int id = U16(extra, 0), size = U16(extra, 2);
            if (size > extra.Length - 4)
                break;
            ReadOnlySpan<byte> field = extra.Slice(4, size);
            extra = extra[(4 + size)..];
            if (id != 1)
                continue;
            int needed = ((length == uint.MaxValue ? 1 : 0) + (compressed == uint.MaxValue ? 1 : 0) + (localStart == uint.MaxValue ? 1 : 0)) * 8;
            if (field.Length < needed)
                break;
            if (length == uint.MaxValue)
                length = Take(ref field);
            if (compressed == uint.MaxValue)
                compressed = Take(ref field);
            if (localStart == uint.MaxValue)
                localStart = Take(ref field);
            return;
        }
        throw source.Fail($"entry '{name}'", "its zip64 sizes are missing");

        static long Take(ref ReadOnlySpan<byte> field)
        {
            long value = (long)U64(field, 0);
            field = field[8..];
            return value;
        }
    }

    private static string CheckName(ByteSource source, string where, ReadOnlySpan<byte> bytes)
    {
        string name;
        try
        {
            name = s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw source.Fail(where, "an entry's name is not UTF-8", e);
        }
        bool plain = name.Length > 0 && name[0] != '/' && !name.Contains('\\') && !name.Contains(':') && !name.Contains('\0')
            && !name.Split('/').Contains("..");
        return plain ? name : throw source.Fail(where, $"'{name}' is no plain relative entry name");
    }

    private static long FindData(ByteSource source, string name, long localStart, long directoryStart)
    {
        if (localStart < 0 || localStart > directoryStart - LocalLength)
            throw source.Fail($"entry '{name}'", $"it is said to be at byte {localStart}, outside the archive's data");
        Span<byte> local = stackalloc byte[LocalLength];
        source.Read(localStart, local);
        if (U32(local, 0) != LocalSignature)
            throw source.Fail($"entry '{name}'", $"no entry is at byte {localStart}");
        long dataStart = localStart + LocalLength + U16(local, 26) + U16(local, 28);
        byte[] localName = new byte[U16(local, 26)];
        if (dataStart > directoryStart)
            throw source.Fail($"entry '{name}'", "its header runs into the archive's directory");
        source.Read(localStart + LocalLength, localName);
        return localName.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(name)) ? dataStart
            : throw source.Fail($"entry '{name}'", $"the entry at byte {localStart} has another name");
    }

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
