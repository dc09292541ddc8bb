using System.Buffers.Binary;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Tells kinds of files by their first bytes that hold no rows, or hold them in a way that is not read here.</summary>
internal static class ForeignFiles
{
    private const string Unpack = "unpack it, and name the file that was in it (gzip is read as it is)";
    private const string Convert = "write the rows as Parquet or as JSON lines";
    private const string Wrong = "name the file with the rows";

    private static readonly (byte[] Magic, string What, string Remedy)[] s_kinds =
    [
        ("PK\x05\x06"u8.ToArray(), "an empty zip archive", Wrong),
        ("PK\x07\x08"u8.ToArray(), "a part of a zip archive", Unpack),
        ("PARE"u8.ToArray(), "an encrypted Parquet file", "decrypt it first"),
        ("ARROW1"u8.ToArray(), "an Arrow (Feather) file", $"{Convert}: pyarrow.feather.read_feather(file).to_parquet(...)"),
        ("FEA1"u8.ToArray(), "a Feather file", $"{Convert}: pyarrow.feather.read_feather(file).to_parquet(...)"),
        ("ORC"u8.ToArray(), "an ORC file", Convert),
        ("Obj\x01"u8.ToArray(), "an Avro file", Convert),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed by zstd", Unpack),
        ([0x04, 0x22, 0x4D, 0x18], "packed by lz4", Unpack),
        ([0xFD, .. "7zXZ\0"u8], "packed by xz", Unpack),
        ([0x5D, 0x00, 0x00], "packed by lzma", Unpack),
        ([0x1F, 0x9D], "packed by compress", Unpack),
        ([0xFF, 0x06, 0x00, 0x00, .. "sNaPpY"u8], "packed by snappy", Unpack),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", Unpack),
        ("Rar!\x1A\x07"u8.ToArray(), "a rar archive", Unpack),
        ("%PDF-"u8.ToArray(), "a PDF document", Wrong),
        ("{\\rtf"u8.ToArray(), "an RTF document", Wrong),
        ("SQLite format 3\0"u8.ToArray(), "an SQLite database",
            "export the table as CSV, or load it by mlContext.Data.CreateDatabaseLoader and name its columns to mlContext.Transforms.ConvertToConversations"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an Office document of the old kind (xls, doc)", "save the sheet as CSV in UTF-8"),
        ([0x89, .. "HDF\r\n\x1A\n"u8], "an HDF5 file", Convert),
        ([0x93, .. "NUMPY"u8], "a NumPy array", Convert),
        ([0x89, .. "PNG"u8], "a picture", Wrong),
        ([0xFF, 0xD8, 0xFF], "a picture", Wrong),
        ("GIF8"u8.ToArray(), "a picture", Wrong),
        ("GGUF"u8.ToArray(), "a GGUF model", Wrong),
        ([0x7F, .. "ELF"u8], "a program", Wrong),
        ("version https://git-lfs.github.com/spec/"u8.ToArray(), "a Git LFS pointer, which stands for a file that was not downloaded",
            "run 'git lfs pull' in its folder"),
        ("oid sha256:"u8.ToArray(), "a piece of a Git LFS pointer", "run 'git lfs pull' in its folder"),
    ];

    /// <summary>Why a file that begins so is not read; null where nothing is against it.</summary>
    public static string? Find(ReadOnlySpan<byte> beginning)
    {
        foreach ((byte[] magic, string what, string remedy) in s_kinds)
        {
            if (beginning.StartsWith(magic) && (!IsWord(magic) || beginning.Contains((byte)0)))
                return Sentence(what, remedy);
        }
        if (beginning.StartsWith("BZh"u8) && beginning.Length >= 10 && (beginning[4..].StartsWith("1AY&SY"u8) || beginning[4] == 0x17))
            return Sentence("packed by bzip2", Unpack);
        if (beginning.StartsWith("PK\x03\x04"u8))
            return Zip(beginning);
        if (beginning.Length >= 4 && beginning[0] is >= 0x50 and <= 0x5F && beginning[1..4].SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]))
            return Sentence("packed by zstd", Unpack);
        if (beginning.Length >= 2 && beginning[0] == 0x80 && beginning[1] is >= 2 and <= 5)
            return Sentence("a pickle of Python, which can run programs when it is read and is never read here", Convert);
        if (beginning.Length >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(beginning) == uint.MaxValue)
            return Sentence("an Arrow stream", $"{Convert}: datasets.Dataset.from_file(file).to_parquet(...)");
        if (beginning.Length >= 10 && BinaryPrimitives.ReadUInt64LittleEndian(beginning) is > 1 and < 1 << 28 && beginning[8] == '{' && beginning[9] == '"')
            return Sentence("a safetensors file of weights", Wrong);
        if (beginning.Length >= 262 && beginning[257..262].SequenceEqual("ustar"u8))
            return Sentence("a tar archive", Unpack);
        return Markup(beginning);
    }

    // A word that text may begin with, too.
    private static bool IsWord(ReadOnlySpan<byte> magic) =>
        magic.Length <= 6 && magic[0] is not ((byte)'%' or (byte)'{') && !magic.ContainsAnyExceptInRange((byte)'0', (byte)'z');

    private static string Zip(ReadOnlySpan<byte> beginning)
    {
        if (beginning.IndexOf("/data.pkl"u8) >= 0 || beginning.IndexOf("/data/0"u8) >= 0)
            return Sentence("a file of PyTorch (.pt), a pickle in a zip archive, which can run programs when it is read and is never read here", Convert);
        if (beginning.IndexOf("[Content_Types].xml"u8) >= 0 || beginning.IndexOf("_rels/"u8) >= 0 || beginning.IndexOf("xl/"u8) >= 0)
            return Sentence("an Office document (xlsx, docx)", "save the sheet as CSV in UTF-8");
        if (beginning.IndexOf("opendocument"u8) >= 0)
            return Sentence("an OpenDocument file", "save the sheet as CSV in UTF-8");
        return beginning.IndexOf(".npy"u8) >= 0 ? Sentence("an archive of NumPy arrays", Convert) : Sentence("a zip archive", Unpack);
    }

    private static string? Markup(ReadOnlySpan<byte> beginning)
    {
        ReadOnlySpan<byte> text = beginning[TextBeginning.MarkLength(beginning)..].TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != '<')
            return null;
        Span<char> start = stackalloc char[Math.Min(text.Length, 16)];
        for (int i = 0; i < start.Length; i++)
            start[i] = char.ToLowerInvariant((char)text[i]);
        foreach (string tag in (ReadOnlySpan<string>)["<!doctype html", "<html", "<head", "<body", "<script", "<!--"])
        {
            if (((ReadOnlySpan<char>)start).StartsWith(tag, StringComparison.Ordinal))
            {
                return Sentence("a web page, perhaps the page about the file instead of the file",
                    "download the raw file (on a hub: the link 'resolve', not 'blob')");
            }
        }
        return ((ReadOnlySpan<char>)start).StartsWith("<?xml", StringComparison.Ordinal)
            || ((ReadOnlySpan<char>)start).StartsWith("<!doctype", StringComparison.Ordinal) ? Sentence("XML", Wrong) : null;
    }

    private static string Sentence(string what, string remedy) => $"the file is {what}; {remedy}.";
}
