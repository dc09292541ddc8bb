using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A transformer whose outputs depend on one row at a time; a concrete one writes its columns, its getters and its <see cref="Save"/>.</summary>
internal abstract class RowToRowTransformer : ITransformer, IRowComputation
{
    /// <param name="inputs">The columns that are read.</param>
    /// <param name="outputs">The columns that are added.</param>
    /// <exception cref="ArgumentException">There is no output, or two of them have the same name.</exception>
    private protected RowToRowTransformer(IEnumerable<InputColumn> inputs, IEnumerable<OutputColumn> outputs)
    {
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        if (Outputs.Count == 0)
            throw new ArgumentException("No output column is named.", nameof(outputs));
        if (Outputs.GroupBy(o => o.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Output column '{twice.Key}' is named {twice.Count()} times; each name can be used once.", nameof(outputs));
    }

    /// <inheritdoc/>
    public IReadOnlyList<InputColumn> Inputs { get; }

    /// <inheritdoc/>
    public IReadOnlyList<OutputColumn> Outputs { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new RowMapper(this, inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(this, inputSchema);

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, new RowMapper(this, input.Schema));
    }

    /// <inheritdoc/>
    public abstract Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive);

    /// <inheritdoc/>
    public abstract void Save(ModelSaveContext ctx);
}
