using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(SftTransformer), null, typeof(SignatureLoadModel), "Fine-tuned model", SftTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo;

/// <summary>A fine-tuned model: hands its input through, and gives the <see cref="Model"/> for DPO, chat or saving.</summary>
/// <remarks>
/// Thread-safe. <c>mlContext.Model.Save</c> keeps it with its chain; <see cref="PretrainedModel.SaveModel"/> writes a folder for other tools.
/// </remarks>
public sealed class SftTransformer : ITransformer, IDisposable
{
    internal const string LoaderName = "MiniMindSft";

    private static readonly ModelFormat s_format = new("MMINDSFT", LoaderName);

    internal SftTransformer(PretrainedModel model, TrainingSummary summary) => (Model, TrainingSummary) = (model, summary);

    /// <summary>The fine-tuned model; disposed with this transformer.</summary>
    public PretrainedModel Model { get; }

    /// <summary>What training did.</summary>
    public TrainingSummary TrainingSummary { get; }

    /// <inheritdoc />
    public bool IsRowToRowMapper => true;

    /// <inheritdoc />
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

    /// <inheritdoc />
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new NoComputation(), inputSchema);

    /// <summary>Gives the data back as it is.</summary>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input;
    }

    /// <inheritdoc />
    public void Dispose() => Model.Dispose();

    void ICanSaveModel.Save(ModelSaveContext ctx) => SftTransformerFile.Write(new ModelEntryWriter(ctx, s_format), Model, TrainingSummary);

    private static SftTransformer Create(IHostEnvironment env, ModelLoadContext ctx) => SftTransformerFile.Read(new ModelEntryReader(ctx, s_format), env);
}
