using System.Text.Json;
using Parquet.Data;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>A leaf column whose values are of one type.</summary>
internal sealed class ParquetValues<T>(RawColumnData<T> data, int maxDefinition, int maxRepetition, Action<Utf8JsonWriter, T> write)
    : ParquetColumn(data, maxDefinition, maxRepetition) where T : struct
{
    private readonly int _count = maxDefinition == 0 ? data.Values.Length : data.DefinitionLevels.Length;
    private int _value;

    /// <inheritdoc/>
    public override int Count => _count;

    /// <inheritdoc/>
    protected override void WriteValue(Utf8JsonWriter writer) => write(writer, data.Values[_value++]);
}
