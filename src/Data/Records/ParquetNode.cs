namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>A column of a Parquet file, or a part of a nested one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it becomes.</param>
/// <param name="Definition">The definition level from which it is there; below, it is null.</param>
/// <param name="FirstLeaf">The first of the leaf columns that it is made of.</param>
internal sealed record ParquetNode(string Name, ParquetNodeKind Kind, int Definition, int FirstLeaf)
{
    /// <summary>An object's members, a list's element, or a map's key and value.</summary>
    public IReadOnlyList<ParquetNode> Children { get; init; } = [];

    /// <summary>How many leaf columns it is made of.</summary>
    public int Leaves { get; init; } = 1;

    /// <summary>The definition level from which a list or map has an element; below, it is empty.</summary>
    public int ItemDefinition { get; init; }

    /// <summary>The repetition level with which a further element begins.</summary>
    public int Repetition { get; init; }
}
