namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>Which data.</summary>
internal sealed record DataSettings
{
    /// <summary>The files with the rows: JSON lines, a JSON array, CSV, TSV or Parquet, also gzipped; with * and ? in names.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>The data's files, of which there must be one.</summary>
    public IReadOnlyList<string> Required => Data.Count > 0 ? Data : throw new ArgumentException("--data FILE says which data; none is named.");
}
