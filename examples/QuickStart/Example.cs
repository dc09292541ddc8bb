using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Training;

namespace QuickStart;

/// <summary>The whole way: pairs, training, and what it changed.</summary>
internal static class Example
{
    private const int PromptsShown = 7;

    /// <summary>Goes it.</summary>
    public static async Task RunAsync(QuickStartOptions options, CancellationToken stop)
    {
        MLContext mlContext = new(seed: 42);
        using PretrainedModel baseModel = PretrainedModel.Load(options.Model);
        (IDataView train, IDataView heldOut) = Pairs.Load(mlContext, options);
        Pairs.Show(mlContext, train, heldOut);

        IReadOnlyList<IReadOnlyList<ChatMessage>> prompts = Pairs.FirstPrompts(mlContext, heldOut, PromptsShown);
        IReadOnlyList<string> answersBefore;
        using (IChatClient chat = baseModel.AsChatClient()) answersBefore = await Answers.AskAsync(chat, prompts, stop);

        var pipeline = mlContext.Transforms.PreparePreferencePairs(baseModel, new PreferencePreparationOptions { MaxLength = options.MaxLength })
            .Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options
            {
                Model = baseModel,
                Beta = options.Beta,
                Reduction = LogProbReduction.Sum,
                LearningRate = options.LearningRate,
                BatchSize = options.BatchSize,
                Epochs = options.Epochs,
                LogInterval = 3,
                Progress = new ProgressLine(),
                Checkpoints = options.Checkpoints is { } kept ? new CheckpointOptions { Folder = kept } : null,
                CancellationToken = stop,
            }));

        Console.WriteLine($"\nTraining {baseModel.ParameterCount:N0} parameters for {options.Epochs} epochs, {options.BatchSize} pairs a step");
        using TransformerChain<DpoTransformer> trained = pipeline.Fit(train);
        TrainingSummary summary = trained.LastTransformer.TrainingSummary;
        Console.WriteLine($"  {summary.Steps} steps over {summary.Examples} pairs in {summary.Elapsed.TotalSeconds:F0} s");
        foreach (TrainingWarning warning in summary.Warnings) Console.WriteLine($"  {warning.Guard} guard at step {warning.Step}: {warning.Message}");
        if (summary.Skipped.Count > 0) Console.WriteLine($"  {summary.Skipped.Count} pairs were left out, since nothing could be learned from them: {summary.Skipped[0].Reason} (line {summary.Skipped[0].Line}), ...");

        HeldOutReport.Show(mlContext, trained.Transform(heldOut), options.Beta);
        using (IChatClient chat = trained.LastTransformer.AsChatClient()) Answers.Show(prompts, answersBefore, await Answers.AskAsync(chat, prompts, stop));

        if (options.Output is not { } folder) return;
        trained.LastTransformer.SaveModel(folder);
        Console.WriteLine($"\nSaved to {Path.GetFullPath(folder)}");
    }
}
