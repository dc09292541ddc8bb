namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>What a column of a Parquet file becomes in JSON.</summary>
internal enum ParquetNodeKind
{
    /// <summary>A single value.</summary>
    Value,

    /// <summary>A structure: an object.</summary>
    Object,

    /// <summary>A list: an array.</summary>
    List,

    /// <summary>A map: an object with the map's keys.</summary>
    Map,
}
