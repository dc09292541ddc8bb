using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo forecast</c>: what a run of <c>dpo train</c> would take, measured by its first steps; nothing is kept.</summary>
internal sealed class ForecastCommand : TrainCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new([.. new TrainCommand().Shape.Parts, new(typeof(ForecastSettings))]);

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("forecast", "Tells the memory and time of a 'train', and which learning rates would do.");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "data", "rate", "held-out", "test-fraction", "reference-model", "tokenizer", "learning-rate", "epochs", "batch-size", "accumulation-steps",
        "preparation.max-length",
        "adapter.rank", "beta", "loss", "gradient-checkpointing", "threads", "device", "precision",
    ];

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        MLContext context = new(values.Get<DpoTrainer.Options>().Seed);
        WarningLog.Listen(context, console.Warn);
        using TrainingInput<DpoTrainer.Options> input = Open(context, values);
        console.TakesStops = true;
        IDataView prepared = input.Prepared;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        LastForecast told = new(ended);
        LearningRateSearch search = input.Options.LearningRateSearch ?? new LearningRateSearch();
        DpoTrainer.Options options = input.Options with
        {
            Checkpoints = null,
            RunDirectory = null,
            LearningRateSearch = null,
            Forecast = told,
            CancellationToken = ended.Token,
        };
        try
        {
            context.Preferences.Trainers.Dpo(options).Fit(prepared).Dispose();
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // the first steps have told what there is to tell
        }
        Show(told.Last!, console);
        if (values.Get<ForecastSettings>().Rate)
            ShowRates(context.Preferences.SuggestLearningRate(prepared, options with { CancellationToken = stop, Forecast = null }, search), console);
        return Task.FromResult(ExitCodes.Done);
    }

    private static void Show(TrainingForecast forecast, ToolConsole console)
    {
        (string Name, long Bytes)[] parts =
        [
            ("weights", forecast.WeightBytes), ("gradients", forecast.GradientBytes), ("optimizer", forecast.OptimizerBytes),
            ("copies", forecast.CopyBytes), ("largest pass", forecast.PassBytes), ("else", forecast.BaseBytes),
        ];
        long steps = forecast.TotalSteps;
        console.Line(string.Create(CultureInfo.InvariantCulture, $"{Words.Count(forecast.Parameters, "parameter")} trained in {Words.Count(steps, "step")}"));
        console.Line(forecast.Remaining is { } left
            ? $"time    {Words.Time(left)}, by the speed of the first {Words.Count(forecast.Step, "step")}" : "time    not known: the run has too few steps");
        console.Line($"memory  {Words.Bytes(forecast.PeakBytes)} at most");
        foreach (string line in AlignedText.Lines([.. parts.Where(part => part.Bytes > 0).Select(part => new[] { part.Name, Words.Bytes(part.Bytes) })],
            "          ", 1))
        {
            console.Line(line);
        }
        if (forecast.Truncation is { LosesAnything: true } truncation)
            console.Line($"length  {truncation}");
        JsonObject memory = new(parts.Select(part => KeyValuePair.Create(part.Name.Replace(' ', '_'), (JsonNode?)part.Bytes)));
        console.Event("forecast", new JsonObject
        {
            ["parameters"] = forecast.Parameters, ["steps"] = steps, ["seconds"] = forecast.Remaining?.TotalSeconds, ["peak_bytes"] = forecast.PeakBytes,
            ["bytes"] = memory, ["tokens"] = forecast.Tokens,
        });
    }

    private static void ShowRates(LearningRateSuggestion rates, ToolConsole console)
    {
        console.Line($"rate    {rates}");
        console.Event("rate", new JsonObject
        {
            ["recommended"] = rates.Recommended, ["low"] = rates.Low, ["high"] = rates.High, ["unsure"] = rates.IsUnsure, ["advice"] = rates.Advice(),
            ["trials"] = new JsonArray([.. rates.Trials.Select(trial => new JsonObject
            {
                ["rate"] = trial.Rate, ["verdict"] = KeyNames.Of(trial.Verdict.ToString()), ["predicted_margin"] = trial.PredictedMargin,
                ["predicted_chosen"] = trial.PredictedChosen,
            })]),
        });
    }

    // ends the run as soon as the time is known
    private sealed class LastForecast(CancellationTokenSource ended) : IProgress<TrainingForecast>
    {
        public TrainingForecast? Last { get; private set; }

        public void Report(TrainingForecast value)
        {
            Last = value;
            if (value.Remaining is not null)
                ended.Cancel();
        }
    }
}
