using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.LongRun;

if (args.Contains("--help"))
{
    Console.WriteLine(LongRunOptions.Help);
    return;
}
LongRunOptions options = LongRunOptions.Parse(args);
MLContext context = new(seed: 42);
using PretrainedModel model = PretrainedModel.Load(options.Model);
DataOperationsCatalog.TrainTestData split = context.Data.TrainTestSplit(context.Preferences.LoadFromJsonl(options.Data), 0.1);
PreferencePreparationOptions preparation = options.MiniMind ? PreferencePreparationOptions.MiniMind(options.MaxLength)
    : new() { MaxLength = options.MaxLength };
ITransformer prepare = context.Transforms.PreparePreferencePairs(model, preparation).Fit(split.TrainSet);
IDataView train = prepare.Transform(split.TrainSet), heldOut = prepare.Transform(split.TestSet);

MemoryTrace memory = new();
RunDirectoryOptions? run = options.Run is null ? null : new() { Folder = options.Run };
int pairs = context.Data.CreateEnumerable<PreferencePair>(split.TrainSet, reuseRowObject: false).Count();
int every = options.EvaluateEvery > 0 ? options.EvaluateEvery : Math.Max(1, pairs / options.BatchSize * options.Epochs / 10);
ValidationOptions validation = new() { Data = heldOut, EverySteps = every, SamplePrompts = 0 };
DpoTrainer.Options training = options.MiniMind
    ? DpoTrainer.Options.MiniMind(model, options.Epochs, options.BatchSize, maxLength: options.MaxLength) with
    {
        Validation = validation,
        RunDirectory = run,
        Progress = memory
    }
    : new()
    {
        Model = model, Epochs = options.Epochs, BatchSize = options.BatchSize, MaxLength = options.MaxLength, LearningRate = options.LearningRate,
        Beta = options.Beta,
        Reduction = LogProbReduction.Sum, LogInterval = 10, Validation = validation, RunDirectory = run, Progress = memory,
    };
using DpoTransformer trained = context.Preferences.Trainers.Dpo(training).Fit(train);
TrainingSummary summary = trained.TrainingSummary;
Console.WriteLine(JsonSerializer.Serialize(new
{
    options,
    summary.Examples,
    skipped = summary.Skipped.Count,
    summary.Steps,
    seconds = Math.Round(summary.Elapsed.TotalSeconds, 1),
    residentMemory = memory.Summary(),
    evaluations = summary.Evaluations.Select(e => new
    {
        e.Step,
        loss = e[ValidationMetric.Loss],
        accuracy = e[ValidationMetric.Accuracy],
        margin = e[ValidationMetric.Margin],
        kl = e.Metrics.GetValueOrDefault(ValidationMetric.KlDivergence.Name, double.NaN),
    }),
    summary.Warnings,
}, new JsonSerializerOptions
{
    WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new JsonStringEnumConverter() },
}));
