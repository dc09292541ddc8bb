using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Unicode;
using Parquet.Data;
using Parquet.File.Values.Primitives;
using Parquet.Schema;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Says for each type of Parquet how its values stand in JSON.</summary>
/// <remarks>
/// Texts, numbers and truth values are JSON's own; times are ISO 8601 texts; bytes that are no text are an object, so that they are never taken for one.
/// </remarks>
internal static class ParquetColumns
{
    /// <summary>A column over what was read of it.</summary>
    /// <exception cref="InvalidDataException">Its type has no form in JSON here.</exception>
    public static ParquetColumn Create(RawColumnData data, DataField field)
    {
        return data switch
        {
            RawColumnData<ReadOnlyMemory<char>> texts => Of(texts, (writer, value) => writer.WriteStringValue(value.Span)),
            RawColumnData<ReadOnlyMemory<byte>> bytes => Of(bytes, WriteBytes),
            RawColumnData<bool> values => Of(values, (writer, value) => writer.WriteBooleanValue(value)),
            RawColumnData<sbyte> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<byte> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<short> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<ushort> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<int> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<uint> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<long> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<ulong> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<decimal> values => Of(values, (writer, value) => writer.WriteNumberValue(value)),
            RawColumnData<Half> values => Of(values, (writer, value) => WriteNumber(writer, (double)value)),
            RawColumnData<float> values => Of(values, WriteSingle),
            RawColumnData<double> values => Of(values, WriteNumber),
            RawColumnData<BigInteger> values => Of(values, (writer, value) => writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture))),
            RawColumnData<DateTime> values => Of(values, (writer, value) => writer.WriteStringValue(value)),
            RawColumnData<DateTimeOffset> values => Of(values, (writer, value) => writer.WriteStringValue(value)),
            RawColumnData<DateOnly> values => Of(values, (writer, value) => writer.WriteStringValue(value.ToString("O", CultureInfo.InvariantCulture))),
            RawColumnData<TimeOnly> values => Of(values, (writer, value) => writer.WriteStringValue(value.ToString("O", CultureInfo.InvariantCulture))),
            RawColumnData<TimeSpan> values => Of(values, (writer, value) => writer.WriteStringValue(value.ToString("c", CultureInfo.InvariantCulture))),
            RawColumnData<Guid> values => Of(values, (writer, value) => writer.WriteStringValue(value)),
            RawColumnData<Interval> values => Of(values, (writer, value) => writer.WriteStringValue($"P{value.Months}M{value.Days}DT{value.Millis / 1000m}S")),
            _ => throw new InvalidDataException($"column '{field.Path}' is of a type that is not read ({field.ClrType.Name})"),
        };

        ParquetColumn Of<T>(RawColumnData<T> values, Action<Utf8JsonWriter, T> write) where T : struct =>
            new ParquetValues<T>(values, field.MaxDefinitionLevel, field.MaxRepetitionLevel, write);
    }

    private static void WriteBytes(Utf8JsonWriter writer, ReadOnlyMemory<byte> value)
    {
        if (Utf8.IsValid(value.Span))
        {
            writer.WriteStringValue(value.Span);
            return;
        }
        writer.WriteStartObject();
        writer.WriteBase64String("bytes", value.Span);
        writer.WriteEndObject();
    }

    private static void WriteSingle(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }
}
