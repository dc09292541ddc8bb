using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Finds out what a file holds by its first bytes; its name does not count.</summary>
internal static class FileContentReader
{
    /// <summary>Bytes that are looked at, at most.</summary>
    public const int BeginningBytes = 64 * 1024;

    private const int LinesTried = 100;

    /// <summary>Finds out what a file holds.</summary>
    /// <param name="beginning">Its first bytes.</param>
    /// <param name="delimiter">The delimiter of tables, where it is given.</param>
    public static FileContent Read(ReadOnlySpan<byte> beginning, byte? delimiter = null)
    {
        if (beginning.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return new FileContent(FileKind.Gzip);
        if (beginning.StartsWith("PAR1"u8))
            return new FileContent(FileKind.Parquet);
        if (ForeignFiles.Find(beginning) is { } other)
            return FileContent.Foreign(other, isOtherKind: true);
        if (TextEncodings.Find(beginning) is { } refusal)
            return FileContent.Foreign(refusal, isOtherKind: false);

        ReadOnlySpan<byte> text = beginning[TextBeginning.MarkLength(beginning)..];
        ReadOnlySpan<byte> line = FirstLine(text, out ReadOnlySpan<byte> rest);
        if (line.IsEmpty)
            return new FileContent(FileKind.Lines);
        bool isLast = rest.Trim(" \t\r\n"u8).IsEmpty;
        return line[0] switch
        {
            (byte)'{' => Objects(text.TrimStart(" \t\r\n"u8), line, isLast),
            (byte)'[' when !JsonBeginning.IsWhole(line, JsonTokenType.StartArray, mayBeEmpty: true) || !HasObjectLine(rest) => Array(line),
            (byte)'[' => new FileContent(FileKind.Lines),
            _ when HasObjectLine(rest) => new FileContent(FileKind.Lines),
            _ => Table(text.TrimStart("\r\n"u8), delimiter),
        };
    }

    private static FileContent Objects(ReadOnlySpan<byte> text, ReadOnlySpan<byte> line, bool isLast)
    {
        bool isWhole = JsonBeginning.IsWhole(line, JsonTokenType.StartObject, mayBeEmpty: true);
        if ((isWhole && !isLast) || !JsonBeginning.IsBegun(text))
            return new FileContent(FileKind.Lines);
        return JsonBeginning.WhyNoRow(text) is { } refusal ? FileContent.Foreign(refusal, isOtherKind: false)
            : new FileContent(isLast ? FileKind.Lines : FileKind.Objects);
    }

    private static FileContent Array(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> first = line[1..].TrimStart(" \t\r\n"u8);
        return new FileContent(FileKind.Array) { IsRegular = first.IsEmpty || first[0] is (byte)'{' or (byte)']' };
    }

    private static FileContent Table(ReadOnlySpan<byte> text, byte? given)
    {
        byte? delimiter = given;
        if (TextBeginning.DelimiterLine(text) is { Length: > 0 } said)
        {
            delimiter ??= said[4];
            text = text[said.Length..];
        }
        (byte found, int columns, int second) = TableBeginning.Find(text, delimiter);
        if (columns < 2 && delimiter is null)
            return new FileContent(FileKind.Text);
        return new FileContent(FileKind.Table) { Delimiter = found, IsRegular = second == 0 || second == columns };
    }

    // A line of its own that is a row, as only JSON lines have it.
    private static bool HasObjectLine(ReadOnlySpan<byte> rest)
    {
        for (int tried = 0; tried < LinesTried && !rest.IsEmpty; tried++)
        {
            ReadOnlySpan<byte> line = FirstLine(rest, out rest);
            if (!line.IsEmpty && line[0] == '{' && JsonBeginning.IsWhole(line, JsonTokenType.StartObject, mayBeEmpty: false))
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        text = text.TrimStart(" \t\r\n"u8);
        int end = text.IndexOf((byte)'\n');
        rest = end < 0 ? default : text[(end + 1)..];
        return (end < 0 ? text : text[..end]).TrimEnd(" \t\r"u8);
    }
}
