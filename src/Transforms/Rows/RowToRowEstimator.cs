using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>The estimator of any row-wise transformer: there is nothing to learn, so fitting checks the columns and hands the transformer out.</summary>
internal sealed class RowToRowEstimator(RowToRowTransformer transformer) : IEstimator<ITransformer>
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A needed column is missing or of another type.</exception>
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A needed column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (InputColumn input in transformer.Inputs)
            input.Check(inputSchema);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(column => column.Name);
        foreach (OutputColumn output in transformer.Outputs)
            columns[output.Name] = output.ShapeOver(transformer.Inputs, inputSchema);
        return new SchemaShape(columns.Values);
    }
}
