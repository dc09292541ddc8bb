using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>Runs on feedback: in other layouts and passes, on several processes, interrupted, measured on held-out rows.</summary>
public sealed class FeedbackRunTests : IDisposable
{
    private const double Rounding = 1e-3; // of what was learnt: sums of the same gradients in another order
    private const int Rows = 23; // steps of 6, the last of 5

    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create(), _other = SmallModel.Create(seed: 2);
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(KtoLoss.Kto)]
    [InlineData(KtoLoss.ApoZeroUnpaired)]
    public void Fit_OtherLayoutsPassesAndProcesses_TrainsTheSameWithTheSameBaseline(KtoLoss loss)
    {
        (float[] Weights, double[] Baselines) whole = Train(Options(loss));
        if (loss == KtoLoss.Kto)
            whole.Baselines.Should().HaveCountGreaterThan(3).And.Subject.Max().Should().BeGreaterThan(0.01, "a baseline of 0 shows nothing");
        else
            whole.Baselines.Should().BeEmpty();
        (float[] Weights, double[] Baselines)[] others =
        [
            Train(Options(loss) with { FusedKernels = false, GradientCheckpointing = true }),
            Train(Options(loss) with { MaxRowsPerPass = 30 }),
            Train(Options(loss) with { MaxLogitsMegabytes = 1 }),
            Train(Options(loss) with { BatchSize = 1, AccumulationSteps = 6 }),
            Train(Options(loss) with { BatchSize = 2, AccumulationSteps = 3, AutoBatch = true }),
            .. SharedMemory.Run(2, ranks => Train(Options(loss) with { BatchSize = 3, Communicator = ranks })),
            .. SharedMemory.Run(3, ranks => Train(Options(loss) with { BatchSize = 1, AccumulationSteps = 2, Communicator = ranks })),
        ];

        double learnt = Distance(whole.Weights, Values(_model));
        learnt.Should().BeGreaterThan(1e-3, "a run that learns nothing shows nothing");
        others.Select(other => Distance(other.Weights, whole.Weights) / learnt).Should().OnlyContain(part => part < Rounding);
        foreach ((_, double[] baselines) in others)
        {
            baselines.Should().HaveCount(whole.Baselines.Length);
            baselines.Zip(whole.Baselines, (ours, theirs) => Math.Abs(ours - theirs)).Append(0).Max().Should().BeLessThan(1e-4);
        }
        others[6].Weights.Should().Equal(others[5].Weights, "replicas are the same to the last bit");
        others[6].Baselines.Should().Equal(others[5].Baselines);
    }

    [Theory]
    [InlineData(BatchPadding.Longest)]
    [InlineData(BatchPadding.MaxLength)]
    public void Fit_PaddedRows_TrainsTheSame(BatchPadding padding)
    {
        KtoTrainer.Options options = Options(KtoLoss.Kto) with { Shuffle = false }; // which step is the longest depends on the padding
        (float[] Weights, double[] Baselines) packed = Train(options);

        (float[] weights, double[] baselines) = Train(options with { Padding = padding, MaxLength = 40, HeadOnResponsesOnly = false });

        (Distance(weights, packed.Weights) / Distance(packed.Weights, Values(_model))).Should().BeLessThan(Rounding);
        baselines.Zip(packed.Baselines).Should().AllSatisfy(pair => pair.First.Should().BeApproximately(pair.Second, 1e-4));
        Distance(Train(Options(KtoLoss.Kto)).Weights, packed.Weights).Should().BeGreaterThan(1e-5f, "another order is another run");
    }

    [Theory]
    [InlineData(KtoLoss.Kto, false)]
    [InlineData(KtoLoss.Kto, true)]
    [InlineData(KtoLoss.ApoZeroUnpaired, false)]
    public void Fit_CancelledAndFittedAgain_EndsAsTheUninterruptedRunToTheByte(KtoLoss loss, bool withValidation)
    {
        KtoTrainer.Options options = Options(loss) with
        {
            Epochs = 3,
            LogInterval = 2,
            Validation = withValidation
                ? new() { Data = FeedbackRows.Prepared(_context, 7, seed: 8), EverySteps = 3, KeepBest = true, SamplePrompts = 0 } : null,
        };
        (float[] Weights, double[] Baselines) whole = Train(options);
        CheckpointOptions kept = new() { Folder = _folder.Path, EverySteps = 2 };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => Train(
            options with { Checkpoints = kept, Progress = new CancelAt(4, cancellation), CancellationToken = cancellation.Token }))
            .Should().Throw<OperationCanceledException>();
        (float[] Weights, double[] Baselines) resumed = Train(options with { Checkpoints = kept });

        resumed.Weights.Should().Equal(whole.Weights);
        resumed.Baselines.Should().Equal(whole.Baselines);
        FluentActions.Invoking(() => Train(options with { Checkpoints = kept, DesirableWeight = 2 })).Should().Throw<InvalidOperationException>()
            .WithMessage("*DesirableWeight*");
    }

    [Fact]
    public void Fit_StepsOfOneRow_SaysSoAndTrainsOnTheNextRowsAnswer()
    {
        List<string> warnings = [];

        (float[] _, double[] baselines) = Train(Options(KtoLoss.Kto) with { BatchSize = 1 }, warnings.Add);

        warnings.Should().Contain(warning => warning.Contains("Each step has one answer") && warning.Contains("ApoZeroUnpaired"));
        baselines.Should().Contain(z => z > 0).And.OnlyContain(z => double.IsFinite(z));
        (_, baselines) = Train(Options(KtoLoss.Kto), rows: 1);
        baselines.Should().OnlyContain(z => z == 0, "nothing is matched with itself");
    }

    [Fact]
    public void Fit_WithRecords_KeepsTheBaselineAndSaysWhatWasTrained()
    {
        Train(Options(KtoLoss.Kto) with { RunDirectory = new() { Folder = _folder.Path } });

        string run = Directory.EnumerateFiles(_folder.Path, "run.json", SearchOption.AllDirectories).Single();
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(run));
        string text = record.RootElement.ToString();
        text.Should().Contain("\"kto\"").And.Contain("2402.01306").And.Contain("DesirableWeight").And.Contain("runs in every step");
        string folder = Path.GetDirectoryName(run)!;
        File.ReadLines(Path.Combine(folder, "metrics.csv")).First().Should().Contain(MetricNames.Baseline).And.Contain(MetricNames.GoodShare)
            .And.Contain(MetricNames.Margin);
        File.ReadAllText(Path.Combine(folder, "curves.svg")).Should().Contain("Baseline z (nats)").And.Contain("Loss (per answer)");
    }

    [Fact]
    public void Fit_RowsOfOneLabel_WarnsAtOnceAndStaysFinite()
    {
        foreach (bool label in new[] { true, false })
        {
            using KtoTransformer trained = new KtoTrainer(_context, Options(KtoLoss.Kto) with { Guards = new() }).Fit(
                FeedbackRows.Prepared(_context, Rows, isGood: _ => label));

            TrainingWarning warning = trained.TrainingSummary.Warnings.First(warning => warning.Guard == TrainingGuard.OneSidedFeedback);
            warning.Step.Should().Be(0);
            warning.Message.Should().Contain($"all {Rows} answers are {(label ? "good" : "bad")} ones").And.Contain(label ? "SftTrainer" : "do not train");
            trained.TrainingSummary.History.SelectMany(point => point.Metrics.Values).Should().OnlyContain(value => double.IsFinite(value));
        }
    }

    [Fact]
    public void Fit_WithValidation_MeasuresWhatEvaluationDoes()
    {
        IDataView heldOut = FeedbackRows.Prepared(_context, 17, seed: 8);
        ValidationOptions validation = new() { Data = heldOut, Metric = ValidationMetric.RocArea, KlPairs = 5, SamplePrompts = 0 };
        KtoTrainer.Options options = Options(KtoLoss.Kto) with { Validation = validation, DesirableWeight = 1.5 };

        using KtoTransformer trained = new KtoTrainer(_context, options).Fit(FeedbackRows.Prepared(_context, Rows));

        ValidationPoint last = trained.TrainingSummary.Evaluations[^1];
        FeedbackMetrics metrics = _context.Preferences.EvaluateFeedback(trained.Transform(heldOut));
        last.Metrics[MetricNames.Baseline].Should().BePositive().And.Be(metrics.Baseline).And.Be(trained.Baseline);
        metrics.Loss.Should().BeApproximately(last.Metrics[MetricNames.Loss], 1e-5);
        metrics.AreaUnderRocCurve.Should().BeApproximately(last[ValidationMetric.RocArea], 1e-9);
        metrics.Accuracy.Should().BeApproximately(last[ValidationMetric.Accuracy], 1e-9);
        metrics.MeanGoodReward.Should().BeApproximately(last[ValidationMetric.ChosenReward], 1e-4);
        metrics.MeanBadLogProb.Should().BeApproximately(last[ValidationMetric.RejectedLogProb], 1e-3);
        last[ValidationMetric.KlDivergence].Should().BePositive();
        trained.TrainingSummary.Evaluations[0].Step.Should().Be(0);
        ValidationPoint[] ranks = SharedMemory.Run(2, communicator =>
        {
            using KtoTransformer one = new KtoTrainer(new MLContext(seed: 1), options with { BatchSize = 3, Communicator = communicator }).Fit(
                FeedbackRows.Prepared(_context, Rows));
            return one.TrainingSummary.Evaluations[^1];
        });
        foreach ((string name, double value) in last.Metrics)
            ranks[1].Metrics[name].Should().BeApproximately(value, 1e-3, name).And.Be(ranks[0].Metrics[name]);
    }

    private static double Distance(float[] left, float[] right) => left.Zip(right, (x, y) => Math.Abs(x - y)).Max();

    private KtoTrainer.Options Options(KtoLoss loss) => new()
    {
        // plain steps: AdamW's have the size of the rate where a gradient is nothing but rounding. Another reference, so that the baseline is not 0
        Model = _model, ReferenceModel = _other, Loss = loss, LearningRate = 0.05, Optimizer = OptimizerOptions.Sgd(), BatchSize = 6, Epochs = 2,
        LogInterval = 1,
        Guards = GuardOptions.None, ConsoleWarnings = false,
    };

    private (float[] Weights, double[] Baselines) Train(KtoTrainer.Options options, Action<string>? warn = null, int rows = Rows)
    {
        MLContext context = new(seed: 1);
        context.Log += (_, log) =>
        {
            if (log.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warn?.Invoke(log.RawMessage);
        };
        using KtoTransformer trained = new KtoTrainer(context, options).Fit(FeedbackRows.Prepared(context, rows));
        using PretrainedModel model = trained.AsModel();
        double[] baselines = [.. trained.TrainingSummary.History.Where(point => point.Metrics.ContainsKey(MetricNames.Baseline))
            .Select(point => point.Metrics[MetricNames.Baseline])];
        return (Values(model), baselines);
    }

    private static float[] Values(PretrainedModel model)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        return cat([.. model.Network.Network.parameters().Select(p => p.reshape(-1))]).data<float>().ToArray();
    }

    private sealed class CancelAt(long step, CancellationTokenSource source) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value)
        {
            if (value.Step == step)
                source.Cancel();
        }
    }
}
