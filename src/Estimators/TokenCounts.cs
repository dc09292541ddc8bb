using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The optional columns that say how many tokens the sides of a row had before they were cut.</summary>
internal sealed class TokenCounts
{
    private TokenCounts(DataViewSchema.Column[] columns) => (Columns, Truncation) = (columns, TruncationAnnotation.Find(columns[0]));

    /// <summary>The columns, one for each side.</summary>
    public IReadOnlyList<DataViewSchema.Column> Columns { get; }

    /// <summary>How they were cut, where the columns say so.</summary>
    public (int MaxLength, TruncationPolicy Policy)? Truncation { get; }

    /// <summary>The columns of these names; <see langword="null"/> where one is missing or of another type.</summary>
    public static TokenCounts? Find(DataViewSchema schema, params IReadOnlyList<string> names)
    {
        DataViewSchema.Column[] columns = [.. names.Select(schema.GetColumnOrNull).OfType<DataViewSchema.Column>()
            .Where(column => column.Type == NumberDataViewType.Int32)];
        return columns.Length == names.Count ? new TokenCounts(columns) : null;
    }

    /// <summary>A reader of a row's counts.</summary>
    public Func<int[]> Reader(DataViewRow row)
    {
        ValueGetter<int>[] getters = [.. Columns.Select(row.GetGetter<int>)];
        int[] counts = new int[getters.Length];
        return () =>
        {
            for (int i = 0; i < getters.Length; i++)
                getters[i](ref counts[i]);
            return counts;
        };
    }
}
