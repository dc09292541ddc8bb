using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Follows what held-out answers gain and lose over the steps of runs with one rate.</summary>
internal static class CollapseMeasurement
{
    private const int Evaluations = 12;

    /// <summary>Trains with each of <see cref="CollapseResults.Losses"/> at the first of the rates; what the file of results has already is kept.</summary>
    public static void Run(ComparisonOptions options)
    {
        MLContext context = new(seed: 42);
        using PretrainedModel model = PretrainedModel.Load(options.Model);
        (IDataView train, IDataView heldOut) = options.Selection.Load(context, model);
        int pairs = train.GetColumn<string>(ColumnNames.Chosen).Count();
        double rate = options.Rates[0];
        DpoTrainer.Options training = new()
        {
            Model = model, BatchSize = options.BatchSize, Epochs = options.Epochs, MaxLength = options.MaxLength, LearningRate = rate, Threads = 1,
            ConsoleWarnings = false,
            Validation = new ValidationOptions
            {
                Data = heldOut, EverySteps = Math.Max(1, pairs * options.Epochs / options.BatchSize / Evaluations), KlPairs = 0, SamplePrompts = 0,
            },
        };
        double tokens = Tokens(heldOut, ColumnNames.Chosen), rejectedTokens = Tokens(heldOut, ColumnNames.Rejected);
        CollapseResults results = ResultFile.Read<CollapseResults>(options.Results) ?? new CollapseResults
        {
            Data = options.Describe ?? Path.GetFileName(options.Data), Parameters = model.ParameterCount, TrainingPairs = pairs,
            HeldOutPairs = heldOut.GetColumn<string>(ColumnNames.Chosen).Count(), BatchSize = options.BatchSize, Rate = rate, Lines = [],
        };
        foreach (ComparedLoss loss in options.Compared.Where(loss => CollapseResults.Losses.Contains(loss.Name)))
        {
            if (results.Lines.Any(line => line.Loss == loss.Name))
                continue;
            DpoTrainer.Options own = loss.In(training);
            using DpoTransformer trained = context.Preferences.Trainers.Dpo(own).Fit(train);
            double PerToken(ValidationPoint point, string reward, double count) => Math.Round(point.Metrics[reward] / own.Beta / count, 4);
            CollapseLine line = new(
                loss.Name,
                [.. trained.TrainingSummary.Evaluations.Select(point => new CollapsePoint(
                    point.Step, PerToken(point, MetricNames.ChosenReward, tokens), PerToken(point, MetricNames.RejectedReward, rejectedTokens),
                    Math.Round(point[ValidationMetric.Accuracy], 4)))],
                [.. trained.TrainingSummary.Warnings.Select(warning => $"{warning.Guard} at step {warning.Step}: {warning.Message}")]);
            Console.WriteLine($"{loss.Name}: {line.Points[^1]} {string.Join("\n  ", line.Guards)}");
            results = results with { Lines = [.. results.Lines, line] };
            ResultFile.Write(options.Results, results);
        }
    }

    private static double Tokens(IDataView pairs, string side) => AnswerLogProbs.Tokens(pairs, side).Average();
}
