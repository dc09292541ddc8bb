namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>What a file holds, by its first bytes.</summary>
internal enum FileKind
{
    /// <summary>One JSON object per line; also what cannot be told apart from it, such as nothing.</summary>
    Lines,

    /// <summary>One JSON array.</summary>
    Array,

    /// <summary>JSON objects of several lines each, often one.</summary>
    Objects,

    /// <summary>A table with a header.</summary>
    Table,

    /// <summary>Parquet.</summary>
    Parquet,

    /// <summary>Anything, packed by gzip.</summary>
    Gzip,

    /// <summary>Text of no kind above.</summary>
    Text,

    /// <summary>A file that is not read, known by name.</summary>
    Foreign,
}
