using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>Each guard in a run that has what it looks for, and all of them in one that has nothing.</summary>
public sealed class GuardTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_CleanRun_TriggersNoGuard()
    {
        using PretrainedModel model = SmallModel.Create();
        ValidationOptions validation = new() { Data = FaultyRuns.Separable(_context, 20, seed: 8), EverySteps = 10, SamplePrompts = 2, SampleTokens = 16 };

        TrainingSummary summary = Run(new() { Model = model, LearningRate = 3e-3, Epochs = 3, LogInterval = 2, Validation = validation },
            FaultyRuns.Separable(_context, 40, seed: 7));

        summary.Warnings.Should().BeEmpty();
        summary.StopReason.Should().BeNull();
        summary.History[^1].Metrics[MetricNames.Accuracy].Should().BeGreaterThan(0.9, "the run learns, so the guards had something to look at");
    }

    [Theory]
    [InlineData(1e-9, LogProbReduction.Sum, "*LearningRate 1E-09 is too small for 20 steps*Raise LearningRate*")]
    [InlineData(1e-9, LogProbReduction.Mean, "*LearningRate 1E-09 is too small for 20 steps*Raise LearningRate*")]
    [InlineData(0, LogProbReduction.Mean, "*LearningRate is 0*")]
    public void Fit_LearningRateTooSmall_WarnsOfNoLearning(double learningRate, LogProbReduction reduction, string message)
    {
        using PretrainedModel model = SmallModel.Create();

        TrainingSummary summary = Run(new() { Model = model, LearningRate = learningRate, Reduction = reduction, LogInterval = 2, Epochs = 2 },
            SmallModel.Pairs(_context, 40));

        TrainingWarning warning = summary.Warnings.Should().ContainSingle().Subject;
        warning.Guard.Should().Be(TrainingGuard.NoLearning);
        warning.Step.Should().Be(10, "that is the first step at which it may be said");
        warning.Message.Should().Match("*after 10 of 20 steps the loss is 0.69315*").And.Match(message);
        summary.Steps.Should().Be(20, "a warning does not end a run");
    }

    [Fact]
    public void Fit_ResponsesAlmostAlike_WarnsOfCollapse()
    {
        using PretrainedModel model = SmallModel.Create();
        GuardOptions guards = new() { NoLearning = GuardAction.Off };

        TrainingSummary summary = Run(new()
        {
            Model = model, LearningRate = 0.05, Reduction = LogProbReduction.Sum, Beta = 0.1, LogInterval = 2, Epochs = 6,
            Guards = guards
        }, FaultyRuns.Alike(_context, 40, seed: 4));

        TrainingWarning warning = summary.Warnings.Should().ContainSingle().Subject;
        warning.Guard.Should().Be(TrainingGuard.ChosenCollapse);
        warning.Message.Should().Match("*nats per token since the start (limit 1)*LearningRate 0.05 is too high*Lower LearningRate, for example to 0.01*" +
            "to hold the chosen responses up, add a supervised term, such as Loss = PreferenceLoss.Mix(*" +
            "PreferenceLoss.NegativeLogLikelihood()*or use PreferenceLoss.Dpop()*KeepBest*");
    }

    [Fact]
    public void Fit_HighLearningRate_WarnsOfExplosion()
    {
        using PretrainedModel model = SmallModel.Create();

        TrainingSummary summary = Run(new() { Model = model, LearningRate = 0.05, Reduction = LogProbReduction.Sum, Beta = 0.5, LogInterval = 2, Epochs = 4 },
            SmallModel.Pairs(_context, 40));

        TrainingWarning warning = summary.Warnings.Should().ContainSingle().Subject;
        warning.Guard.Should().Be(TrainingGuard.MarginExplosion);
        warning.Message.Should().Match("*mean reward margin is*(limit 10)*overfits*set Validation*");
    }

    [Fact]
    public void Fit_TokenWithBrokenWeights_StopsAndNamesThePair()
    {
        using PretrainedModel model = Untied();
        BreakToken(model, 777);
        List<PreparedPair> rows = [.. RandomPairs.Make(24, 777, seed: 3).Select(SmallModel.Row)];
        rows[17].ChosenInputIds[0] = 777;

        TrainingSummary summary = Run(new() { Model = model, LearningRate = 1e-4, Shuffle = false, LogInterval = 2 }, _context.Data.LoadFromEnumerable(rows));

        TrainingWarning warning = summary.Warnings.Should().ContainSingle().Subject;
        warning.Guard.Should().Be(TrainingGuard.NonFinite);
        warning.Action.Should().Be(GuardAction.Stop, "that is the default");
        warning.Message.Should().Match("*comes from line 18 alone, of line 17, line 18, line 19, line 20*a token it was never trained on*");
        summary.StopReason.Should().Contain("line 18");
        summary.Steps.Should().Be(5);
    }

    [Fact]
    public void Fit_WeightsThatOverflow_NamesTheWholeStep()
    {
        using PretrainedModel model = SmallModel.Create();

        TrainingSummary summary = Run(new() { Model = model, LearningRate = 1e30, LogInterval = 1 }, SmallModel.Pairs(_context, 40));

        TrainingWarning warning = summary.Warnings.Single(w => w.Guard == TrainingGuard.NonFinite);
        warning.Message.Should().Match("*LearningRate 1E+30 is too high*");
        summary.Steps.Should().BeLessThan(10);
    }

    [Fact]
    public void Fit_AnswersThatGetShort_WarnsOfLengthDrift()
    {
        using PretrainedModel model = SmallModel.Create(config: Config(tied: true) with { EosTokenId = 2 });
        IDataView conversations = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i =>
            SmallModel.Row(new PreferenceExample(FaultyRuns.Answer([5, 6, 7], [8, 2]), FaultyRuns.Answer([5, 6, 7], [9, 2]), i + 1))).ToList());
        SftTrainer trainer = new(_context, new()
        {
            Model = model, LearningRate = 1e-2, Epochs = 8, InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels",
            LossMaskColumnName = "ChosenLossMask",
            Validation = new() { Data = conversations, SamplePrompts = 1, SampleTokens = 24 },
        });

        using SftTransformer trained = trainer.Fit(conversations);

        TrainingWarning warning = trained.TrainingSummary.Warnings.Should().ContainSingle().Subject;
        warning.Guard.Should().Be(TrainingGuard.LengthDrift);
        warning.Message.Should().Match("*have 2.0 tokens on average, 24.0 at the start (limit: 2 times)*ends answers early*");
    }

    [Theory]
    [InlineData(ReferenceMode.Live)]
    [InlineData(ReferenceMode.Precomputed)]
    public void Fit_PairsThatTheReferenceGetsRight_WarnsOfEasyPairs(ReferenceMode mode)
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView easy = _context.Data.LoadFromEnumerable(
            RandomPairs.Make(24, 1024, seed: 3).Select(pair => SmallModel.Row(Easy(model.Network.Network, pair))).ToList());

        TrainingSummary summary = Run(new() { Model = model, LearningRate = 1e-3, Reference = mode }, easy);

        TrainingWarning warning = summary.Warnings.Should().ContainSingle().Subject;
        (warning.Guard, warning.Step).Should().Be((TrainingGuard.EasyPairs, 0));
        warning.Message.Should().Match("*of 2? pairs (*limit 95.0*%)*rejected responses*");
    }

    [Fact]
    public void Fit_GuardsOff_FindNothing()
    {
        using PretrainedModel model = SmallModel.Create();

        Run(new() { Model = model, LearningRate = 1e-9, LogInterval = 2, Guards = GuardOptions.None }, SmallModel.Pairs(_context, 40)).Warnings
            .Should().BeEmpty();
    }

    [Fact]
    public void Fit_Warnings_ReachLogAndProgressAndSavedModel()
    {
        using PretrainedModel model = SmallModel.Create();
        List<string> lines = [];
        List<DpoProgress> reports = [];
        _context.Log += (_, line) => lines.Add(line.Message);
        using DpoTransformer trained = new DpoTrainer(_context,
            new() { Model = model, LearningRate = 0, LogInterval = 2, Progress = new Progress(reports.Add) }).Fit(SmallModel.Pairs(_context, 48));

        lines.Should().ContainSingle(line => line.Contains("NoLearning guard at step 10") && line.Contains("LearningRate is 0"));
        reports[^1].Warnings.Should().Equal(trained.TrainingSummary.Warnings);
    }

    private TrainingSummary Run(DpoTrainer.Options options, IDataView pairs)
    {
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(pairs);
        return trained.TrainingSummary;
    }

    private static ModelConfig Config(bool tied) =>
        new() { VocabularySize = 1024, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512, TieWordEmbeddings = tied };

    private static PretrainedModel Untied() => SmallModel.Create(config: Config(tied: false));

    private static void BreakToken(PretrainedModel model, int id)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        model.Network.Network.Stack.EmbeddingWeight[id].fill_(float.NaN);
    }

    /// <summary>The pair with the likeliest token at every counted place of the chosen side.</summary>
    private static PreferenceExample Easy(MiniMindNetwork network, PreferenceExample pair)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Response chosen = pair.Chosen;
        BatchRows rows = BatchBuilder.Responses([chosen], BatchShape.PaddedToLongest, false, 0, 0, false);
        DeviceBatch batch = new(rows, ScalarType.Float32, CPU);
        long[] likeliest = network.Logits(network.Forward(batch.InputIds, batch.Layout).Hidden).argmax(-1).data<long>().ToArray();
        return pair with { Chosen = chosen with { Labels = [.. chosen.Labels.Select((label, t) => chosen.LossMask[t] != 0 ? (int)likeliest[t] : label)] } };
    }

    private sealed class Progress(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
