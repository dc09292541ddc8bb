namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>The structures of Apache Parquet's metadata: what type each field has.</summary>
internal static class ParquetFormat
{
    /// <summary>What the name of a list's type begins with; its elements' type follows.</summary>
    public const string ListPrefix = "list ";

    private const string Empty = "";

    private static readonly Dictionary<string, Dictionary<int, string>> s_structures = Read(
    [
        ("FileMetaData", "1 i32, 2 list SchemaElement, 3 i64, 4 list RowGroup, 5 list KeyValue, 6 binary, 7 list ColumnOrder, 8 Empty, 9 binary"),
        ("SchemaElement", "1 i32, 2 i32, 3 i32, 4 binary, 5 i32, 6 i32, 7 i32, 8 i32, 9 i32, 10 LogicalType"),
        ("LogicalType",
            "1 Empty, 2 Empty, 3 Empty, 4 Empty, 5 DecimalType, 6 Empty, 7 TimeType, 8 TimeType, 10 IntType, 11 Empty, 12 Empty, 13 Empty, 14 Empty, 15 Empty"),
        ("DecimalType", "1 i32, 2 i32"),
        ("TimeType", "1 bool, 2 TimeUnit"),
        ("TimeUnit", "1 Empty, 2 Empty, 3 Empty"),
        ("IntType", "1 i8, 2 bool"),
        ("RowGroup", "1 list ColumnChunk, 2 i64, 3 i64, 4 list SortingColumn, 5 i64, 6 i64, 7 i16"),
        ("ColumnChunk", "1 binary, 2 i64, 3 ColumnMetaData, 4 i64, 5 i32, 6 i64, 7 i32, 8 Empty, 9 binary"),
        ("ColumnMetaData",
            "1 i32, 2 list i32, 3 list binary, 4 i32, 5 i64, 6 i64, 7 i64, 8 list KeyValue, 9 i64, 10 i64, 11 i64, 12 Statistics, 13 list PageEncodingStats, " +
            "14 i64, 15 i32, 16 SizeStatistics"),
        ("KeyValue", "1 binary, 2 binary"),
        ("SortingColumn", "1 i32, 2 bool, 3 bool"),
        ("ColumnOrder", "1 Empty"),
        ("Statistics", "1 binary, 2 binary, 3 i64, 4 i64, 5 binary, 6 binary, 7 bool, 8 bool"),
        ("PageEncodingStats", "1 i32, 2 i32, 3 i32"),
        ("SizeStatistics", "1 i64, 2 list i64, 3 list i64"),
        ("Empty", Empty),
    ]);

    /// <summary>The type of a structure's field; null where the format has none of that number.</summary>
    public static string? TypeOf(string structure, int field) => s_structures[structure].GetValueOrDefault(field);

    private static Dictionary<string, Dictionary<int, string>> Read((string Name, string Fields)[] structures) => structures.ToDictionary(
        structure => structure.Name,
        structure => structure.Fields.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split(' ', 2))
            .ToDictionary(field => int.Parse(field[0]), field => field[1]));
}
