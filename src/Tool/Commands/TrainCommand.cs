using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo train</c>: Direct Preference Optimization on pairs.</summary>
internal class TrainCommand : TrainingCommand<DpoTrainer.Options>
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(ModelSettings)), new(typeof(ReferenceSettings)), new(typeof(DataSettings)), new(typeof(HeldOutSettings)), new(typeof(OutputSettings)),
        new(typeof(DpoTrainer.Options)), new(typeof(PreferencePreparationOptions), "preparation"), new(typeof(PreferenceFileOptions), "reading"),
        new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("train", "Trains on pairs of a better and a worse answer (DPO).");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
        [.. base.Shown, "reference-model", "beta", "loss", "reading.prompt", "reading.chosen", "reading.rejected"];

    /// <inheritdoc />
    protected override IDataView Load(MLContext context, IReadOnlyList<string> paths, ConfigValues values) =>
        context.Preferences.LoadFromFile(paths, values.Get<PreferenceFileOptions>());

    /// <inheritdoc />
    protected override IEstimator<ITransformer> Preparation(MLContext context, PretrainedModel model, ConfigValues values) =>
        context.Transforms.PreparePreferencePairs(model, values.Get<PreferencePreparationOptions>());

    /// <inheritdoc />
    protected override int MaxLength(ConfigValues values) => values.Get<PreferencePreparationOptions>().MaxLength;

    /// <inheritdoc />
    protected override DataOperationsCatalog.TrainTestData Split(MLContext context, IDataView data, double fraction, ConfigValues values) =>
        PairInput.Split(context, data, fraction, values.Get<PreferencePreparationOptions>());

    /// <inheritdoc />
    protected override DpoTrainer.Options WithReference(DpoTrainer.Options options, PretrainedModel reference) => options with { ReferenceModel = reference };

    /// <inheritdoc />
    protected override TrainedModel Fit(MLContext context, DpoTrainer.Options options, IDataView prepared)
    {
        DpoTransformer trained = context.Preferences.Trainers.Dpo(options).Fit(prepared);
        return new TrainedModel(trained, trained.TrainingSummary, trained.AsModel());
    }

    /// <inheritdoc />
    protected override void Measure(
        MLContext context, TrainedModel trained, IDataView heldOut, DpoTrainer.Options options, RunFolder folder, ToolConsole console)
    {
        PairScoreRows scores = PairScoreRows.Of(trained.Transformer.Transform(heldOut), options.ScoreColumns, options.InputColumns.LineNumber);
        scores.Save(folder.HeldOut, options.Reduction);
        PairReport.Show(context, scores, options.ScoreColumns, options is { Reference: not ReferenceMode.None, KeepReference: true }, console);
    }
}
