using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Trains with each loss at each rate, as many steps each, and keeps what came of it.</summary>
internal sealed class Comparison : IDisposable
{
    private const int TuningSeed = 43;
    private readonly ComparisonOptions _options;
    private readonly MLContext _context = new(seed: 42);
    private readonly PretrainedModel _model;
    private readonly IDataView _train;
    private readonly HeldOutSet _tuning, _heldOut;

    /// <summary>Reads the pairs and measures the untrained model.</summary>
    public Comparison(ComparisonOptions options)
    {
        _options = options;
        _model = PretrainedModel.Load(options.Model);
        (_train, IDataView others) = options.Selection.Load(_context, _model);
        DataOperationsCatalog.TrainTestData halves = _context.Preferences.TrainTestSplit(others, 0.5, seed: TuningSeed);
        using DpoTransformer untrained = _context.Preferences.Trainers.Dpo(Training() with
        {
            Reduction = LogProbReduction.Sum,
            LearningRate = 0,
            Guards = GuardOptions.None,
        }).Fit(_context.Data.TakeRows(_train, 1));
        (_tuning, _heldOut) = (new HeldOutSet(halves.TrainSet, untrained), new HeldOutSet(halves.TestSet, untrained));
        Results = ResultFile.Read<ComparisonResults>(options.Results) ?? Start(untrained);
    }

    /// <summary>What was measured so far.</summary>
    public ComparisonResults Results { get; private set; }

    /// <summary>Runs what is missing.</summary>
    public async Task Run()
    {
        foreach (ComparedLoss loss in _options.Compared)
        {
            foreach (double rate in _options.Rates.Where(rate => !Results.Runs.Any(run => run.Loss == loss.Name && run.Rate == rate)))
            {
                LossRun run = await Train(loss, rate);
                Results = Results with { Runs = [.. Results.Runs, run] };
                ResultFile.Write(_options.Results, Results);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{run.Loss,-22} {rate:0.0e-0}: accuracy {run.Accuracy:P1} (tuning {run.TuningAccuracy:P1}, own {run.Own:P1}), lead {run.Lead:F2} nats, " +
                    $"chosen {run.ChosenPerToken:+0.00;-0.00} per token, answers of {run.AnswerTokens:F1} tokens, {run.Seconds:F0} s " +
                    $"{string.Join(", ", run.Guards)}"));
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _model.Dispose();

    private DpoTrainer.Options Training() => new()
    {
        Model = _model, BatchSize = _options.BatchSize, Epochs = _options.Epochs, MaxLength = _options.MaxLength, Threads = 1, ConsoleWarnings = false,
    };

    private async Task<LossRun> Train(ComparedLoss loss, double rate)
    {
        DpoTrainer.Options options = loss.In(Training() with { LearningRate = rate });
        using DpoTransformer trained = _context.Preferences.Trainers.Dpo(options).Fit(_train);
        using PretrainedModel policy = trained.AsModel();
        AnswerMovement tuning = _tuning.Measure(trained, options.Reduction), moved = _heldOut.Measure(trained, options.Reduction);
        return new LossRun
        {
            Loss = loss.Name, Beta = options.Beta, Reduction = $"{options.Reduction}", Rate = rate, Steps = trained.TrainingSummary.Steps,
            TuningAccuracy = Round(tuning.Right.Average()), Accuracy = Round(moved.Right.Average()),
            Prompts = string.Join(' ', moved.Right.Select(right => right.ToString("0.###", CultureInfo.InvariantCulture))), Own = Round(moved.Own),
            Lead = Round(moved.Lead.Mean), LeadHalfWidth = Round(moved.Lead.HalfWidth), ChosenPerToken = Round(moved.ChosenPerToken),
            Rejected = Round(moved.Rejected), AnswerTokens = Round(await _heldOut.AnswerTokens(policy, _options.Answered, _options.AnswerTokens)),
            Guards = [.. trained.TrainingSummary.Warnings.Select(warning => $"{warning.Guard} at step {warning.Step}")],
            Seconds = Math.Round(trained.TrainingSummary.Elapsed.TotalSeconds, 1),
        };
    }

    private ComparisonResults Start(DpoTransformer untrained) => new()
    {
        Data = _options.Describe ?? Path.GetFileName(_options.Data), Parameters = _model.ParameterCount,
        TrainingPairs = _train.GetColumn<string>(MiniMind.MLNet.Dpo.Data.ColumnNames.Chosen).Count(), TuningPairs = _tuning.PairCount,
        TuningPrompts = _tuning.PromptCount, HeldOutPairs = _heldOut.PairCount, HeldOutPrompts = _heldOut.PromptCount,
        ChosenTokens = Round(_heldOut.MeanChosenTokens), BatchSize = _options.BatchSize, Epochs = _options.Epochs, MaxLength = _options.MaxLength,
        AnsweredPrompts = Math.Min(_options.Answered, _heldOut.PromptCount), MostAnswerTokens = _options.AnswerTokens,
        StartOwn = Round(_heldOut.Measure(untrained, LogProbReduction.Sum).Own),
        StartAnswerTokens = Round(_heldOut.AnswerTokens(_model, _options.Answered, _options.AnswerTokens).GetAwaiter().GetResult()),
    };

    private static double Round(double value) => Math.Round(value, 4);
}
