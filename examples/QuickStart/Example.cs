using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;

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
        using (IChatClient chat = baseModel.AsChatClient())
            answersBefore = await Answers.AskAsync(chat, prompts, stop);

        ProgressLine progress = new();
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
                Progress = progress,
                ConsoleWarnings = true, // to standard error: a rate that moves next to nothing, pairs left out or cut, what guards find
                Checkpoints = options.Checkpoints is { } kept ? new CheckpointOptions { Folder = kept } : null,
                StopToken = stop,
            }));

        Console.WriteLine(
            $"\nTraining {baseModel.ParameterCount:N0} parameters for {Counted(options.Epochs, "epoch")}, {Counted(options.BatchSize, "pair")} a step; " +
            "Ctrl-C ends it with what is trained by then");
        using TransformerChain<DpoTransformer> trained = pipeline.Fit(train);
        TrainingSummary summary = trained.LastTransformer.TrainingSummary;
        progress.Close();
        bool ended = summary.StopReason is not null && stop.IsCancellationRequested;
        if (ended && summary.Steps == 0)
            throw new OperationCanceledException("Stopped before the first step; nothing was trained.", stop);
        string goesOn = options.Checkpoints is null ? "" : ", and the same command goes on from here";
        if (ended)
            Console.WriteLine($"  stopped on request; a second Ctrl-C ends the program{goesOn}");
        Console.WriteLine($"  {Counted(summary.Steps, "step")} over {Counted(summary.Examples, "pair")} in {summary.Elapsed.TotalSeconds:F0} s");

        HeldOutReport.Show(mlContext, trained.Transform(heldOut), options.Beta, options.MaxLength);
        using (IChatClient chat = trained.LastTransformer.AsChatClient())
            Answers.Show(prompts, answersBefore, await Answers.AskAsync(chat, prompts, CancellationToken.None));

        if (options.Output is not { } folder)
        {
            if (ended)
                Console.WriteLine("\nNot saved; --output FOLDER saves what was trained, also after Ctrl-C");
            return;
        }
        trained.LastTransformer.SaveModel(folder);
        Console.WriteLine($"\nSaved to {Path.GetFullPath(folder)}");
    }
    private static string Counted(long number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
