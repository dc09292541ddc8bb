using System.Text.Json;
using Parquet.Data;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>The values of one leaf column in one row group, walked entry by entry.</summary>
/// <remarks>An entry is a value, or says by its levels how much of the path to one is there (Dremel; the Parquet format's nested encoding).</remarks>
internal abstract class ParquetColumn(RawColumnData data, int maxDefinition, int maxRepetition) : IDisposable
{
    private int _entry;

    /// <summary>How many entries there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether all entries have been passed.</summary>
    public bool IsAtEnd => _entry >= Count;

    /// <summary>How many of the optional and repeated steps to the value are there.</summary>
    public int Definition => maxDefinition == 0 ? 0 : data.DefinitionLevels[_entry];

    /// <summary>In which of the lists around it the entry goes on; 0 where it begins a row.</summary>
    public int Repetition => maxRepetition == 0 ? 0 : data.RepetitionLevels[_entry];

    /// <summary>Writes the entry, a value or null, and goes on to the next.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (IsAtEnd)
            throw new InvalidDataException("a column has fewer entries than the others");
        if (Definition == maxDefinition)
            WriteValue(writer);
        else
            writer.WriteNullValue();
        _entry++;
    }

    /// <summary>Goes on to the next entry of a list or object that is not there.</summary>
    public void Skip()
    {
        if (IsAtEnd)
            throw new InvalidDataException("a column has fewer entries than the others");
        _entry++;
    }

    /// <inheritdoc/>
    public virtual void Dispose() => data.Dispose();

    /// <summary>Writes the next value.</summary>
    protected abstract void WriteValue(Utf8JsonWriter writer);
}
