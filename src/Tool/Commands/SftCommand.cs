using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo sft</c>: supervised fine-tuning on conversations.</summary>
internal sealed class SftCommand : TrainingCommand<SftTrainer.Options>
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(ModelSettings)), new(typeof(DataSettings)), new(typeof(HeldOutSettings)), new(typeof(OutputSettings)),
        new(typeof(SftTrainer.Options)), new(typeof(FeedbackPreparationOptions), "preparation"), new(typeof(ConversationFileOptions), "reading"),
        new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("sft", "Fine-tunes on conversations (supervised), the step before 'train'.");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown => [.. base.Shown, "reading.messages", "reading.prompt", "reading.completion"];

    /// <inheritdoc />
    protected override IDataView Load(MLContext context, IReadOnlyList<string> paths, ConfigValues values) =>
        context.Preferences.LoadConversationsFromFile(paths, values.Get<ConversationFileOptions>());

    /// <inheritdoc />
    protected override IEstimator<ITransformer> Preparation(MLContext context, PretrainedModel model, ConfigValues values) =>
        context.Transforms.PrepareFeedback(model, values.Get<FeedbackPreparationOptions>());

    /// <inheritdoc />
    protected override int MaxLength(ConfigValues values) => values.Get<FeedbackPreparationOptions>().MaxLength;

    /// <inheritdoc />
    protected override DataOperationsCatalog.TrainTestData Split(MLContext context, IDataView data, double fraction, ConfigValues values) =>
        PairInput.SplitConversations(context, data, fraction, values.Get<FeedbackPreparationOptions>());

    /// <inheritdoc />
    protected override string? ReferencePath(ConfigValues values) => null;

    /// <inheritdoc />
    protected override TrainedModel Fit(MLContext context, SftTrainer.Options options, IDataView prepared)
    {
        SftTransformer trained = context.Preferences.Trainers.Sft(options).Fit(prepared);
        return new TrainedModel(trained, trained.TrainingSummary, trained.Model);
    }

    /// <inheritdoc />
    protected override void Measure(
        MLContext context, TrainedModel trained, IDataView heldOut, SftTrainer.Options options, RunFolder folder, ToolConsole console)
    {
        if (trained.Summary.Evaluations is [.., { } last])
            MetricTable.Show("Held-out conversations", last.Metrics, console);
    }
}
