using System.Globalization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.LearningRates;

if (args.Contains("--help"))
{
    Console.WriteLine(RateOptions.Help);
    return 0;
}
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
RateOptions options = RateOptions.Parse(args);
MLContext context = new(seed: 42);
using PretrainedModel model = PretrainedModel.Load(options.Model);
(IDataView train, IDataView heldOut) = options.Selection.Load(context, model);
DpoTrainer.Options training = new()
{
    Model = model, Beta = options.Beta, Reduction = options.Reduction, BatchSize = options.BatchSize, Epochs = options.Epochs,
    MaxLength = options.MaxLength, ConsoleWarnings = false,
};
foreach (double rate in options.Rates)
{
    TrainedRun run = TrainedRun.Of(context, training with { LearningRate = rate }, train, heldOut);
    Console.WriteLine(run);
    foreach (string line in run.History())
        Console.WriteLine(line);
}
if (options.Rates.Length > 0)
    return 0;
LearningRateSuggestion suggestion = context.Preferences.SuggestLearningRate(train, training, new() { Steps = options.TrialSteps });
Console.WriteLine(suggestion);
if (suggestion.Recommended is not { } suggested)
    return 1;
TrainedRun obeyed = TrainedRun.Of(context, training with { LearningRate = suggested }, train, heldOut);
Console.WriteLine(obeyed);
Console.WriteLine(!obeyed.HasLearnt ? "It did not learn." : obeyed.HasCollapsed ? "The chosen side collapsed." : "It learnt, and the chosen side held.");
return obeyed.HasLearnt && !obeyed.HasCollapsed ? 0 : 1;
