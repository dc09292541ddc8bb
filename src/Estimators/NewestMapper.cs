using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Maps every row by the model that is the newest then.</summary>
internal sealed class NewestMapper(ModelSource source, DataViewSchema input) : IRowToRowMapper
{
    /// <inheritdoc/>
    public DataViewSchema InputSchema => input;

    /// <inheritdoc/>
    public DataViewSchema OutputSchema { get; } = source.OutputSchema(input);

    /// <summary>A column of one model's schema in another one's.</summary>
    public static DataViewSchema.Column Counterpart(DataViewSchema schema, DataViewSchema.Column column) =>
        column.Index < schema.Count && schema[column.Index].Name == column.Name ? schema[column.Index] : schema[column.Name];

    /// <inheritdoc/>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        ModelGeneration current = source.Use();
        try
        {
            IRowToRowMapper mapper = current.Model.GetRowToRowMapper(input);
            return [.. mapper.GetDependencies(dependingColumns.Select(column => Counterpart(mapper.OutputSchema, column)))];
        }
        finally
        {
            current.Release();
        }
    }

    /// <inheritdoc/>
    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        return new NewestRow(source, input, OutputSchema, [.. activeColumns]);
    }
}
