using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo;

/// <summary>A fine-tuned model: hands its input through, and gives the <see cref="Model"/> for DPO, chat or saving.</summary>
/// <remarks>Save the model with <see cref="PretrainedModel.SaveModel"/>; it is no part of an ML.NET model file.</remarks>
public sealed class SftTransformer : ITransformer, IDisposable
{
    internal SftTransformer(PretrainedModel model, TrainingSummary summary) => (Model, TrainingSummary) = (model, summary);

    /// <summary>The fine-tuned model; disposed with this transformer.</summary>
    public PretrainedModel Model { get; }

    /// <summary>What training did.</summary>
    public TrainingSummary TrainingSummary { get; }

    /// <inheritdoc />
    public bool IsRowToRowMapper => false;

    /// <inheritdoc />
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">Always: there is nothing to map row by row.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new InvalidOperationException($"{nameof(SftTransformer)} adds no columns.");

    /// <summary>Gives the data back as it is.</summary>
    public IDataView Transform(IDataView input) => input;

    /// <inheritdoc />
    public void Dispose() => Model.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException($"A fine-tuned model is saved with {nameof(Model)}.{nameof(PretrainedModel.SaveModel)}(folder), and loaded with {nameof(PretrainedModel)}.{nameof(PretrainedModel.Load)}(folder).");
}
