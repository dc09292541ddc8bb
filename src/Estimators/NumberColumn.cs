using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A column that holds one number a row, whichever type of number.</summary>
internal static class NumberColumn
{
    /// <summary>Whether a column is one.</summary>
    public static bool Is(DataViewSchema.Column column) => column.Type is NumberDataViewType;

    /// <summary>A reader of a live row's number.</summary>
    public static Func<double> Reader(DataViewRow row, DataViewSchema.Column column) => Type.GetTypeCode(column.Type.RawType) switch
    {
        TypeCode.Single => Reader<float>(row, column, value => value),
        TypeCode.Double => Reader<double>(row, column, value => value),
        TypeCode.SByte => Reader<sbyte>(row, column, value => value),
        TypeCode.Int16 => Reader<short>(row, column, value => value),
        TypeCode.Int32 => Reader<int>(row, column, value => value),
        TypeCode.Int64 => Reader<long>(row, column, value => value),
        TypeCode.Byte => Reader<byte>(row, column, value => value),
        TypeCode.UInt16 => Reader<ushort>(row, column, value => value),
        TypeCode.UInt32 => Reader<uint>(row, column, value => value),
        _ => Reader<ulong>(row, column, value => value),
    };

    private static Func<double> Reader<T>(DataViewRow row, DataViewSchema.Column column, Func<T, double> convert)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return convert(value);
        };
    }
}
