using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

public sealed class TrainingRecordTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model = SmallModel.Create();

    private string Run => Path.Combine(_folder.Path, "runs", "first");

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Fit_WithARunDirectory_WritesTheSameMeasurementsIntoAllFiles()
    {
        using DpoTransformer trained = Trainer(new() { Model = _model, Epochs = 3, LogInterval = 2, RunDirectory = new() { Folder = Run } })
            .Fit(SmallModel.Pairs(_context, 12));

        IReadOnlyList<TrainingPoint> history = trained.TrainingSummary.History;
        JsonNode[] lines = [.. File.ReadLines(Path.Combine(Run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];
        string[][] rows = [.. File.ReadLines(Path.Combine(Run, "metrics.csv")).Select(line => line.Split(','))];
        IReadOnlyList<ReadEvent> events = EventFileReader.Read(Directory.EnumerateFiles(Run, "events.out.tfevents.*").Single());
        (lines.Length, rows.Length, events.Count).Should()
            .Be((history.Count, history.Count + 1, history.Count + 1), "one each per measurement, a header, a version");
        for (int i = 0; i < history.Count; i++)
        {
            lines[i]["step"]!.GetValue<long>().Should().Be(history[i].Step);
            events[i + 1].Step.Should().Be(history[i].Step);
            string[] names =
            [
                "loss", "aux_loss", "rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen", "logps/rejected",
                    "learning_rate", "grad_norm", "epoch",
                "num_tokens", "samples_per_second", "tokens_per_second", "padding_share", "skipped_steps", "resident_bytes",
            ];
            rows[0].Should().Equal(["step", "elapsed_seconds", .. names]);
            foreach (string name in names)
            {
                double value = lines[i][name]!.GetValue<double>();
                double.Parse(rows[i + 1][Array.IndexOf(rows[0], name)], CultureInfo.InvariantCulture).Should().Be(value, name);
                events[i + 1].Scalars[$"train/{name}"].Should().Be((float)value, name);
            }
            lines[i]["rewards/margins"]!.GetValue<double>().Should().Be(history[i].Metrics[MetricNames.Margin]);
            lines[i]["grad_norm"]!.GetValue<double>().Should().Be(history[i].GradientNorm);
        }
        lines[^1]["num_tokens"]!.GetValue<double>().Should().Be(history.Sum(point => point.Tokens));
        File.ReadAllText(Path.Combine(Run, "curves.svg")).Should().Contain("first: step 9 of 9");
    }

    [Fact]
    public void Fit_WithEvaluations_RecordsThemUnderTrlsNames()
    {
        CollectedLog log = new();
        using DpoTransformer trained = Trainer(new()
        {
            Model = _model, LearningRate = 1e-3, Epochs = 2, LogInterval = 2, RunDirectory = new() { Folder = Run }, Logger = log,
            Validation = new() { Data = SmallModel.Pairs(_context, 5, seed: 9), EverySteps = 3, SamplePrompts = 1, SampleTokens = 3 },
        }).Fit(SmallModel.Pairs(_context, 12));

        IReadOnlyList<ValidationPoint> evaluations = trained.TrainingSummary.Evaluations;
        evaluations.Select(e => e.Step).Should().Equal(0, 3, 6);
        JsonNode[] lines = [.. File.ReadLines(Path.Combine(Run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Where(line => line["eval_loss"] is not null)];
        string[][] rows = [.. File.ReadLines(Path.Combine(Run, "metrics.csv")).Select(line => line.Split(','))];
        int lossColumn = Array.IndexOf(rows[0], "eval_loss");
        double[] csv = [.. rows.Skip(1).Where(row => row[lossColumn].Length > 0).Select(row => double.Parse(row[lossColumn], CultureInfo.InvariantCulture))];
        ReadEvent[] events = [.. EventFileReader.Read(Directory.EnumerateFiles(Run, "events.out.tfevents.*").Single())
            .Where(e => e.Scalars.ContainsKey("eval/loss"))];
        lines.Select(line => line["step"]!.GetValue<long>()).Should().Equal(0, 3, 6);
        events.Select(e => e.Step).Should().Equal(0, 3, 6);
        csv.Should().Equal(evaluations.Select(e => e[ValidationMetric.Loss]));
        for (int i = 0; i < evaluations.Count; i++)
        {
            foreach ((string name, double value) in evaluations[i].Metrics)
            {
                lines[i][$"eval_{name}"]!.GetValue<double>().Should().Be(value, name);
                events[i].Scalars[$"eval/{name}"].Should().Be((float)value, name);
            }
            lines[i]["eval_runtime"]!.GetValue<double>().Should().BePositive();
        }
        evaluations[0].Metrics.Keys.Should()
            .Contain(["loss", "rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen", "logps/rejected", "kl"]);
        log.Lines.Count(line => line.Text.StartsWith("Evaluation at step")).Should().Be(3);
        File.ReadAllText(Path.Combine(Run, "curves.svg")).Should().Contain("evaluation");
        Record()["metrics"]!["eval_rewards/margins"]!.GetValue<double>().Should().Be(evaluations[^1][ValidationMetric.Margin]);
    }

    [Fact]
    public void Fit_WithWarnings_RecordsThem()
    {
        CollectedLog log = new();
        using DpoTransformer trained = Trainer(new() { Model = _model, LearningRate = 0, LogInterval = 2, RunDirectory = new() { Folder = Run }, Logger = log })
            .Fit(SmallModel.Pairs(_context, 48));

        Record()["warnings"]![0]!["guard"]!.GetValue<string>().Should().Be("no_learning");
        Record()["warnings"]![0]!["message"]!.GetValue<string>().Should().Contain("LearningRate is 0");
        log.Lines.Should().ContainSingle(line => line.Text.StartsWith("NoLearning guard at step 10 (Warn)"));
    }

    [Fact]
    public void Fit_WithARunDirectory_DescribesTheRunWithEveryOption()
    {
        List<PreparedPair> rows = [.. RandomPairs.Make(6, 1024, 3).Select(SmallModel.Row)];
        rows[1].RejectedLossMask = new float[rows[1].RejectedLossMask.Length];
        DpoTrainer.Options options = new()
        {
            Model = _model, Beta = 0.25, LearningRate = 1e-3, MaxGradientNorm = double.PositiveInfinity,
            RunDirectory = new() { Folder = Run }
        };
        using DpoTransformer trained = Trainer(options).Fit(_context.Data.LoadFromEnumerable(rows));

        JsonNode record = Record();
        record["status"]!.GetValue<string>().Should().Be("completed");
        record["steps"]!.GetValue<long>().Should().Be(2);
        record["metrics"]!["loss"]!.GetValue<double>().Should().Be(trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss]);
        record["ended_at"]!.GetValue<DateTimeOffset>().Should().BeOnOrAfter(record["started_at"]!.GetValue<DateTimeOffset>());
        JsonNode run = record["run"]!;
        run["formula"]!.GetValue<string>().Should().Contain("2305.18290");
        run["reduction"]!.GetValue<string>().Should().Be("Mean");
        run["data"]!["examples"]!.GetValue<int>().Should().Be(5);
        run["data"]!["left_out"]![0]!["lines"]![0]!.GetValue<string>().Should().Be("2");
        run["data"]!["counted_tokens"]!.GetValue<long>().Should()
            .Be((long)rows.Where((_, i) => i != 1).Sum(r => r.ChosenLossMask.Sum() + r.RejectedLossMask.Sum()));

        JsonObject written = run["options"]!.AsObject();
        written.Select(o => o.Key).Should().BeEquivalentTo(typeof(DpoTrainer.Options).GetProperties().Select(p => p.Name));
        written["Beta"]!.GetValue<double>().Should().Be(0.25);
        written["MaxGradientNorm"]!.GetValue<string>().Should().Be("Infinity");
        written["Schedule"]!.GetValue<string>().Should().Be(options.Schedule.Description);
        written["Optimizer"]!.GetValue<string>().Should().Be(options.Optimizer.Description);
        written["Padding"]!.GetValue<string>().Should().Be("None");
        written["InputColumns"]!["ChosenLabels"]!.GetValue<string>().Should().Be("ChosenLabels");
        written["RunDirectory"]!["Files"]!.GetValue<string>().Should().Be("All");
        record["versions"]!["torch_sharp"]!.GetValue<string>().Should().StartWith("0.");
        record["versions"]!["libtorch"]!.GetValue<string>().Should().StartWith("2.");
        record["machine"]!["processor"]!.GetValue<string>().Should().NotBeEmpty();
    }

    [Fact]
    public void Fit_WithARunDirectory_NamesTheReferenceByTheHashOfItsFile()
    {
        using PretrainedModel other = SmallModel.Create(seed: 2);
        IDataView pairs = SmallModel.Pairs(_context, 4);
        Trainer(new() { Model = _model, ReferenceModel = other, RunDirectory = new() { Folder = Run } }).Fit(pairs).Dispose();

        JsonNode run = Record()["run"]!;
        run["model"]!["sha256"]!.GetValue<string>().Should().Be(HashOfSaved(_model));
        run["reference"]!["sha256"]!.GetValue<string>().Should().Be(HashOfSaved(other));

        Trainer(new() { Model = _model, Reference = ReferenceMode.None, RunDirectory = new() { Folder = Run } }).Fit(pairs).Dispose();
        Record()["run"]!["reference"].Should().BeNull();
        Record()["run"]!["formula"]!.GetValue<string>().Should().NotContain("ref(");
    }

    [Theory]
    [InlineData(ResponseMaskRule.ResponseSpan)]
    [InlineData(ResponseMaskRule.HeaderPattern)]
    public void Fit_OfPreparedFiles_RecordsTheMaskRule(ResponseMaskRule rule)
    {
        IDataView rows = _context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 4).Select(i => PreferencePair.FromPrompt($"Question {i}?", "Yes, certainly.", "No.")).ToList());
        IEstimator<ITransformer> prepared = _context.Transforms.PreparePreferencePairs(
            _model, new PreferencePreparationOptions { MaxLength = 128, MaskRule = rule });
        prepared.Append(_context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = _model, RunDirectory = new() { Folder = Run } }))
            .Fit(rows).Dispose();

        Record()["run"]!["mask_rule"]!.GetValue<string>().Should().Be(rule.ToString());
    }

    [Fact]
    public void Fit_ThatIsCancelledOrFails_LeavesThatInTheRecord()
    {
        using CancellationTokenSource cancellation = new();
        DpoTrainer.Options Options(Action<DpoProgress> report) => new()
        {
            Model = _model, Epochs = 3, LogInterval = 1, Progress = new Progress(report), CancellationToken = cancellation.Token,
            RunDirectory = new() { Folder = Run },
        };
        string during = "";
        IDataView pairs = SmallModel.Pairs(_context, 8);
        FluentActions.Invoking(() => Trainer(Options(report =>
        {
            if (report.Step == 3)
                throw new InvalidDataException("the screen is gone");
            during = Record()["status"]!.GetValue<string>();
        })).Fit(pairs)).Should().Throw<InvalidDataException>();
        during.Should().Be("running");
        Record()["status"]!.GetValue<string>().Should().Be("failed");
        Record()["error"]!.GetValue<string>().Should().Contain("the screen is gone");
        Record()["steps"]!.GetValue<long>().Should().Be(3);

        FluentActions.Invoking(() => Trainer(Options(report => cancellation.Cancel())).Fit(pairs)).Should().Throw<OperationCanceledException>();
        Record()["status"]!.GetValue<string>().Should().Be("stopped");
        Record()["stop_reason"]!.GetValue<string>().Should().Be("cancelled");
        Record()["error"].Should().BeNull();
    }

    [Fact]
    public void Fit_ResumedFromACheckpoint_GoesOnWithTheRecordsOfThatStep()
    {
        using CancellationTokenSource cancellation = new();
        IDataView pairs = SmallModel.Pairs(_context, 12);
        DpoTrainer.Options Options(string run, CancellationToken token, Action<DpoProgress> report) => new()
        {
            Model = _model, Epochs = 4, LogInterval = 2, LearningRate = 1e-3, Progress = new Progress(report), CancellationToken = token,
            RunDirectory = new() { Folder = run },
            Checkpoints = new() { Folder = Path.Combine(run, "checkpoints") },
        };
        string straight = Path.Combine(_folder.Path, "straight");
        Trainer(Options(straight, default, _ => { })).Fit(pairs).Dispose();
        FluentActions.Invoking(() => Trainer(Options(Run, cancellation.Token, report =>
        {
            if (report.Step == 6)
                cancellation.Cancel();
        })).Fit(pairs)).Should().Throw<OperationCanceledException>();
        Trainer(Options(Run, default, _ => { })).Fit(pairs).Dispose();

        string[] Losses(string run) => [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Select(n => $"{n["step"]} {n["loss"]} {n["rewards/margins"]} {n["num_tokens"]}")];
        Losses(Run).Should().Equal(Losses(straight));
        Record()["status"]!.GetValue<string>().Should().Be("completed");
        Record()["resumptions"]![0]!["after_step"]!.GetValue<long>().Should().Be(6);
        File.ReadAllText(Path.Combine(Run, "curves.svg")).Split('\n').Count(line => line.StartsWith("<circle")).Should()
            .Be(18, "six points in each of three charts");
    }

    [Fact]
    public void Fit_OfConversations_RecordsItsOwnFormulaAndMetrics()
    {
        IDataView conversations = SmallModel.Pairs(_context, 6);
        SftTrainer.Options options = new()
        {
            Model = _model, LogInterval = 1, RunDirectory = new() { Folder = Run }, InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels",
            LossMaskColumnName = "ChosenLossMask",
        };
        new SftTrainer(_context, options).Fit(conversations).Dispose();

        Record()["run"]!["trainer"]!.GetValue<string>().Should().Be("sft");
        Record()["run"]!["formula"]!.GetValue<string>().Should().Contain("cross-entropy");
        Record()["run"]!["options"]!.AsObject().Select(o => o.Key).Should().BeEquivalentTo(typeof(SftTrainer.Options).GetProperties().Select(p => p.Name));
        File.ReadLines(Path.Combine(Run, "metrics.csv")).First().Should().Contain("loss").And.NotContain("rewards");
        File.ReadAllText(Path.Combine(Run, "curves.svg")).Should().Contain("nats per token");
    }

    [Fact]
    public void Fit_WithAMeterListener_CountsStepsPairsAndTokensAndGaugesEveryMetric()
    {
        ConcurrentDictionary<string, double> counted = new(), last = new();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == TrainingTelemetry.MeterName)
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        bool Mine(ReadOnlySpan<KeyValuePair<string, object?>> tags) => tags.Contains(new("run", "first")) && tags.Contains(new("trainer", "dpo"));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (Mine(tags))
                counted.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (Mine(tags))
                last[instrument.Name] = value;
        });
        listener.Start();

        using DpoTransformer trained = Trainer(new()
        {
            Model = _model, Epochs = 3, LogInterval = 2,
            RunDirectory = new() { Folder = Run, Files = RunFiles.RunJson }
        })
            .Fit(SmallModel.Pairs(_context, 12));

        IReadOnlyList<TrainingPoint> history = trained.TrainingSummary.History;
        counted["minimind.training.steps"].Should().Be(9);
        counted["minimind.training.examples"].Should().Be(36);
        counted["minimind.training.tokens"].Should().Be(history.Sum(point => point.Tokens));
        last["minimind.training.loss"].Should().Be(history[^1].Metrics[MetricNames.Loss]);
        last["minimind.training.rewards.margins"].Should().Be(history[^1].Metrics[MetricNames.Margin]);
        last["minimind.training.learning_rate"].Should().Be(history[^1].LearningRate);
        TrainingInstruments.InstrumentName("eval_rewards/accuracies").Should().Be("minimind.evaluation.rewards.accuracies");
    }

    [Fact]
    public void Fit_WithALogger_LogsStartMeasurementsAndEndWithTheirNumbers()
    {
        CollectedLog log = new();
        using DpoTransformer trained = Trainer(new() { Model = _model, LearningRate = 1e-3, Epochs = 2, LogInterval = 3, Logger = log })
            .Fit(SmallModel.Pairs(_context, 12));

        log.Lines.Select(line => line.Event.Id).Should().Equal(1, 3, 3, 7);
        log.Lines.Should().OnlyContain(line => line.Level == LogLevel.Information);
        log.Lines[1].Event.Name.Should().Be("MeasuredPreferences");
        log.Lines[1].Values["Step"].Should().Be(3L);
        log.Lines[1].Values["Loss"].Should().Be(trained.TrainingSummary.History[0].Metrics[MetricNames.Loss]);
        log.Lines[1].Text.Should().StartWith("Step 3/6: loss 0.69");
    }

    [Fact]
    public void Log_Trouble_HasItsLevel()
    {
        CollectedLog log = new();
        TrainingLog records = new(log);
        TrainingState state = new() { Network = null!, Parameters = null!, Optimizer = null!, Task = null!, TotalSteps = 9, Step = 4 };
        records.Write(4, new Dictionary<string, double> { ["eval_loss"] = 0.5, ["eval_rewards/accuracies"] = 0.75, ["eval_rewards/margins"] = 1 },
            TimeSpan.Zero);
        records.Write(4, new Dictionary<string, double>
        {
            [MetricNames.Loss] = 1, [MetricNames.LearningRate] = 1, [MetricNames.GradientNorm] = double.NaN, [MetricNames.TokensPerSecond] = 5,
            [MetricNames.SkippedSteps] = 2,
        }, TimeSpan.Zero);
        records.Failed(state, new IOException("broken"));
        state.StopReason = "the loss is not finite";
        records.Ended(state);
        records.Failed(state, new OperationCanceledException());

        log.Lines.Select(line => (line.Event.Id, line.Level)).Should().Equal(
            (5, LogLevel.Information), (4, LogLevel.Information), (6, LogLevel.Warning), (9, LogLevel.Error), (8, LogLevel.Warning));
        log.Lines[0].Text.Should().Be("Evaluation at step 4: loss 0.5, accuracy 75.0 %, margin 1");
        log.Lines[4].Text.Should().Be("Training stopped after step 4 of 9: the loss is not finite");
    }

    private static string HashOfSaved(PretrainedModel model)
    {
        using TemporaryFolder folder = new();
        model.SaveModel(folder.Path);
        return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.File("model.safetensors"))));
    }

    private DpoTrainer Trainer(DpoTrainer.Options options) => new(_context, options);

    private JsonNode Record() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Run, "run.json")))!;

    private sealed class Progress(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
