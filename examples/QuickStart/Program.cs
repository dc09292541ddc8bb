using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using QuickStart;

QuickStartOptions options;
try
{
    options = QuickStartOptions.Parse(args);
}
catch (ArgumentException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
if (options.Help)
{
    Console.WriteLine(QuickStartOptions.Usage);
    return 0;
}

// The first Ctrl-C stops after the current step, a second one at once.
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

MLContext mlContext = new(seed: 42);
using PretrainedModel baseModel = PretrainedModel.Load(options.Model);
(IDataView train, IDataView heldOut) = Pairs.Load(mlContext, options.Data);
Pairs.Show(mlContext, train, heldOut);

IReadOnlyList<IReadOnlyList<ChatMessage>> prompts = Pairs.FirstPrompts(mlContext, heldOut, count: 5);
IReadOnlyList<string> answersBefore;
using (IChatClient chat = baseModel.AsChatClient())
    answersBefore = await Answers.AskAsync(chat, prompts, stop.Token);

var pipeline = mlContext.Transforms.PreparePreferencePairs(baseModel, new PreferencePreparationOptions { MaxLength = options.MaxLength })
    .Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options
    {
        Model = baseModel,
        Beta = options.Beta,
        LearningRate = options.LearningRate,
        BatchSize = options.BatchSize,
        Epochs = options.Epochs,
        Progress = new ProgressLine(),
        CancellationToken = stop.Token,
    }));

Console.WriteLine("\nTraining");
Stopwatch watch = Stopwatch.StartNew();
using var trained = pipeline.Fit(train);
Console.WriteLine($"  done in {watch.Elapsed.TotalSeconds:F0} s");

HeldOutReport.Show(mlContext, trained.Transform(heldOut), options.Beta);
using (IChatClient chat = trained.LastTransformer.AsChatClient())
    Answers.Show(prompts, answersBefore, await Answers.AskAsync(chat, prompts, stop.Token));

if (options.Output is { } folder)
{
    trained.LastTransformer.SaveModel(folder);
    Console.WriteLine($"\nSaved to {Path.GetFullPath(folder)}");
}
return 0;
