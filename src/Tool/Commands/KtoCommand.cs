using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo kto</c>: training on feedback, single answers that are good or bad.</summary>
internal sealed class KtoCommand : TrainingCommand<KtoTrainer.Options>
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(ModelSettings)), new(typeof(ReferenceSettings)), new(typeof(DataSettings)), new(typeof(HeldOutSettings)), new(typeof(OutputSettings)),
        new(typeof(KtoTrainer.Options)), new(typeof(FeedbackPreparationOptions), "preparation"), new(typeof(FeedbackFileOptions), "reading"),
        new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("kto", "Trains on single answers that are good or bad (KTO): thumbs up and down.");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
        [.. base.Shown, "reference-model", "beta", "loss", "desirable-weight", "undesirable-weight", "reading.prompt", "reading.completion", "reading.label"];

    /// <inheritdoc />
    protected override IDataView Load(MLContext context, IReadOnlyList<string> paths, ConfigValues values) =>
        context.Preferences.LoadFeedbackFromFile(paths, values.Get<FeedbackFileOptions>());

    /// <inheritdoc />
    protected override IEstimator<ITransformer> Preparation(MLContext context, PretrainedModel model, ConfigValues values) =>
        context.Transforms.PrepareFeedback(model, values.Get<FeedbackPreparationOptions>());

    /// <inheritdoc />
    protected override int MaxLength(ConfigValues values) => values.Get<FeedbackPreparationOptions>().MaxLength;

    /// <inheritdoc />
    protected override DataOperationsCatalog.TrainTestData Split(MLContext context, IDataView data, double fraction, ConfigValues values) =>
        PairInput.SplitConversations(context, data, fraction, values.Get<FeedbackPreparationOptions>());

    /// <inheritdoc />
    protected override KtoTrainer.Options WithReference(KtoTrainer.Options options, PretrainedModel reference) => options with { ReferenceModel = reference };

    /// <inheritdoc />
    protected override TrainedModel Fit(MLContext context, KtoTrainer.Options options, IDataView prepared)
    {
        KtoTransformer trained = context.Preferences.Trainers.Kto(options).Fit(prepared);
        return new TrainedModel(trained, trained.TrainingSummary, trained.AsModel());
    }

    /// <inheritdoc />
    protected override void Measure(
        MLContext context, TrainedModel trained, IDataView heldOut, KtoTrainer.Options options, RunFolder folder, ToolConsole console) =>
        FeedbackReport.Show(context.Preferences.EvaluateFeedback(
            trained.Transformer.Transform(heldOut), options.ScoreColumns, options.InputColumns.IsGood), console);
}
