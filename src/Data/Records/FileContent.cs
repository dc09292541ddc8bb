namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>What was found out about a file.</summary>
/// <param name="Kind">Its kind.</param>
internal readonly record struct FileContent(FileKind Kind)
{
    /// <summary>A table's delimiter.</summary>
    public byte Delimiter { get; init; }

    /// <summary>Whether a table's second record has as many cells as its first.</summary>
    public bool IsRegular { get; init; }

    /// <summary>Why a foreign file is not read and what to do, as the sentence after its path.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether the refusal is about what the file is, so that saying what can be read helps.</summary>
    public bool IsOtherKind { get; init; }

    /// <summary>A file that is known and not read.</summary>
    public static FileContent Foreign(string refusal, bool isOtherKind) => new(FileKind.Foreign) { Refusal = refusal, IsOtherKind = isOtherKind };

    /// <summary>The kind in words.</summary>
    public string Name => Kind switch
    {
        FileKind.Array => "a JSON array",
        FileKind.Objects => "JSON written over several lines",
        FileKind.Table => "a table with a header (CSV)",
        FileKind.Parquet => "a Parquet file",
        FileKind.Gzip => "a gzip file",
        FileKind.Lines => "JSON lines",
        _ => "text of an unknown kind",
    };
}
