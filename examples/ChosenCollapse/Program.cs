using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;

// DPO makes the chosen answers' lead larger, and at a high learning rate by making both answers unlikely. This trains the QuickStart's bakery at such a rate,
// and then with the two remedies that the guard names: a supervised term in the loss, and DPOP. docs/CHOSEN-COLLAPSE.md shows the same on other pairs.
// Usage: ChosenCollapse [learning rate]
double rate = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 5e-4;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string File(params string[] parts) => Path.Combine([AppContext.BaseDirectory, .. parts]);

MLContext mlContext = new(seed: 42);
using PretrainedModel model = PretrainedModel.Load(File("model"));
IDataView train = mlContext.Preferences.LoadFromJsonl(File("data", "train.jsonl"));
IDataView heldOut = mlContext.Preferences.LoadFromJsonl(File("data", "heldout.jsonl"));
var prepare = mlContext.Transforms.PreparePreferencePairs(model).Fit(train);
(train, heldOut) = (prepare.Transform(train), prepare.Transform(heldOut));
double tokens = heldOut.GetColumn<VBuffer<float>>("ChosenLossMask").Average(mask => mask.DenseValues().Sum());

DpoTrainer.Options options = new()
{
    Model = model, LearningRate = rate, Beta = 0.1, Reduction = LogProbReduction.Sum, BatchSize = 8, Epochs = 2, ConsoleWarnings = false,
    Validation = new ValidationOptions { Data = heldOut, EverySteps = 15, KlPairs = 0, SamplePrompts = 0 },
};
(string Name, DpoTrainer.Options Options)[] runs =
[
    ("DPO", options),
    ("0.8 DPO + 0.2 NLL", options with { Loss = PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood())) }),
    ("DPOP", options with { Loss = PreferenceLoss.Dpop(), Beta = 0.3 }),
];
foreach (var (name, run) in runs)
{
    using var trained = mlContext.Preferences.Trainers.Dpo(run).Fit(train);
    Console.WriteLine($"\n{name}, learning rate {rate:0.#e-0}: held-out pairs");
    Console.WriteLine("  step   chosen, nats per token   accuracy");
    foreach (var point in trained.TrainingSummary.Evaluations)
        Console.WriteLine($"  {point.Step,4}   {point[ValidationMetric.ChosenLogProb] / tokens,22:F3}   {point[ValidationMetric.Accuracy],8:P0}");
    foreach (var warning in trained.TrainingSummary.Warnings)
        Console.WriteLine($"  {warning.Guard} at step {warning.Step}: {warning.Message}");
}
