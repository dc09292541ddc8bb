using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Does what the newest model does: a prediction engine made of it lives on when the model is replaced.</summary>
/// <remarks>Thread-safe. It owns nothing, so that whoever disposes what it was handed disposes no model.</remarks>
internal sealed class NewestTransformer(ModelSource source) : ITransformer
{
    /// <inheritdoc/>
    public bool IsRowToRowMapper => Of(model => model.IsRowToRowMapper);

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => source.OutputSchema(inputSchema);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new NewestMapper(source, inputSchema);
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new NewestDataView(source, input);
    }

    /// <inheritdoc/>
    void ICanSaveModel.Save(ModelSaveContext ctx) => Of(model =>
    {
        model.Save(ctx);
        return true;
    });

    private T Of<T>(Func<ITransformer, T> ask)
    {
        ModelGeneration current = source.Use();
        try
        {
            return ask(current.Model);
        }
        finally
        {
            current.Release();
        }
    }
}
