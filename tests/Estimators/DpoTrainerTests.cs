using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class DpoTrainerTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_SeparablePairs_LowersTheLossFromLn2AndWidensTheMargin()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 12);

        using DpoTransformer trained = Trainer(new() { Model = model, LearningRate = 5e-3, Epochs = 8, LogInterval = 1 }).Fit(pairs);

        IReadOnlyList<TrainingPoint> history = trained.TrainingSummary.History;
        history[0].Metrics[MetricNames.Loss].Should().BeApproximately(Math.Log(2), 1e-6, "before the first step policy and reference are one model");
        history[0].Metrics[MetricNames.Margin].Should().BeApproximately(0, 1e-6);
        PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(pairs));
        metrics.Loss.Should().BeLessThan(0.6);
        metrics.Accuracy.Should().Be(1);
        metrics.MeanMargin.Should().BePositive();
    }

    [Fact]
    public void Fit_Twice_GivesTheSameWeightsAndLeavesTheModelAsItWas()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 9);
        byte[] before = Weights(model);
        DpoTrainer trainer = Trainer(new() { Model = model, LearningRate = 1e-3, Epochs = 2 });

        using DpoTransformer first = trainer.Fit(pairs), second = trainer.Fit(pairs);

        using PretrainedModel one = first.AsModel(), two = second.AsModel();
        Weights(one).Should().Equal(Weights(two));
        Weights(one).Should().NotEqual(before);
        Weights(model).Should().Equal(before);
    }

    [Fact]
    public void Transform_ManyRowsPerPass_GivesWhatOneRowPerPassGives()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 23);
        using DpoTransformer batched = Trainer(new() { Model = model, LearningRate = 1e-3, ScoringBatchSize = 8 }).Fit(pairs);
        using DpoTransformer single = Trainer(new() { Model = model, LearningRate = 1e-3, ScoringBatchSize = 1 }).Fit(pairs);

        List<PreferenceScore> many = Scores(batched, pairs), one = Scores(single, pairs);

        many.Should().HaveCount(23);
        for (int i = 0; i < many.Count; i++)
        {
            many[i].ChosenLogProb.Should().BeApproximately(one[i].ChosenLogProb, 1e-5f);
            many[i].Margin.Should().BeApproximately(one[i].Margin, 1e-5f);
            many[i].Margin.Should().BeApproximately(many[i].ChosenReward - many[i].RejectedReward, 1e-7f);
            many[i].Probability.Should().BeApproximately(1 / (1 + MathF.Exp(-many[i].Margin)), 1e-6f);
            many[i].PredictedLabel.Should().Be(many[i].Margin > 0);
        }
    }

    [Fact]
    public void Fit_PairsThatCarryNoPreference_AreSkippedAndListedOrRefused()
    {
        using PretrainedModel model = SmallModel.Create();
        List<PreparedPair> rows = [.. RandomPairs.Make(5, 1024, 3).Select(SmallModel.Row)];
        rows[1].RejectedLossMask = new float[rows[1].RejectedLossMask.Length];
        (rows[3].RejectedInputIds, rows[3].RejectedLabels, rows[3].RejectedLossMask) = (rows[3].ChosenInputIds, rows[3].ChosenLabels, rows[3].ChosenLossMask);
        IDataView pairs = _context.Data.LoadFromEnumerable(rows);

        using DpoTransformer trained = Trainer(new() { Model = model }).Fit(pairs);

        trained.TrainingSummary.Examples.Should().Be(3);
        trained.TrainingSummary.Skipped.Select(s => s.Line).Should().Equal(2, 4);
        float.IsNaN(Scores(trained, pairs)[1].Margin).Should().BeTrue("a response without tokens has no log-probability");
        _context.Preferences.Evaluate(trained.Transform(pairs)).UnscoredCount.Should().Be(1);
        FluentActions.Invoking(() => Trainer(new() { Model = model, UnusablePairs = UnusablePairs.Fail }).Fit(pairs))
            .Should().Throw<InvalidDataException>().WithMessage("line 2:*rejected*");
    }

    [Fact]
    public void Fit_ReferenceModes_AgreeAtTheStartAndDifferAsTheyShould()
    {
        using PretrainedModel model = SmallModel.Create(), other = SmallModel.Create(seed: 2);
        IDataView pairs = SmallModel.Pairs(_context, 8);
        double FirstLoss(DpoTrainer.Options options)
        {
            using DpoTransformer trained = Trainer(options).Fit(pairs);
            return trained.TrainingSummary.History[0].Metrics[MetricNames.Loss];
        }

        double live = FirstLoss(new() { Model = model, LogInterval = 1, Reference = ReferenceMode.Live });
        double precomputed = FirstLoss(new() { Model = model, LogInterval = 1, Reference = ReferenceMode.Precomputed });
        double none = FirstLoss(new() { Model = model, LogInterval = 1, Reference = ReferenceMode.None });
        double foreign = FirstLoss(new() { Model = model, LogInterval = 1, ReferenceModel = other });

        live.Should().BeApproximately(Math.Log(2), 1e-7);
        precomputed.Should().BeApproximately(Math.Log(2), 1e-6);
        none.Should().NotBeApproximately(Math.Log(2), 1e-4);
        foreign.Should().NotBeApproximately(Math.Log(2), 1e-4);
    }

    [Theory]
    [InlineData(1, ReferenceMode.Auto, 0)]
    [InlineData(2, ReferenceMode.Auto, 1)]
    [InlineData(2, ReferenceMode.Live, 0)]
    [InlineData(1, ReferenceMode.Precomputed, 1)]
    public void Fit_Reference_IsComputedOnceWhereThatPaysAndTheLogSaysSo(int epochs, ReferenceMode mode, int times)
    {
        List<string> log = [];
        _context.Log += (_, line) => log.Add(line.Message);
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = Trainer(new() { Model = model, Epochs = epochs, Reference = mode }).Fit(SmallModel.Pairs(_context, 8));

        log.Count(line => line.Contains("the reference's log-probabilities of 8 pairs are computed once", StringComparison.Ordinal)).Should().Be(times);
    }

    [Theory]
    [InlineData(LogProbReduction.Mean, true, 1)]
    [InlineData(LogProbReduction.Mean, false, 0)]
    [InlineData(LogProbReduction.Sum, true, 0)]
    public void Fit_MeanOverSharedEarlierAnswers_IsToldOnceWithTheOption(LogProbReduction reduction, bool counted, int times)
    {
        List<string> log = [];
        _context.Log += (_, line) => log.Add(line.Message);
        using PretrainedModel model = SmallModel.Create();
        List<PreparedPair> rows = [.. LongPairs.Make(1024, 3, (4, 5), (3, 3), (2, 7), (4, 4)).Select(SmallModel.Row)];
        if (counted)
        {
            foreach (PreparedPair row in rows[..3])
                row.ChosenLossMask[2] = row.RejectedLossMask[2] = 1; // within the eight tokens that both sides begin with
        }

        using DpoTransformer trained = Trainer(new() { Model = model, Reduction = reduction, Epochs = 2 }).Fit(_context.Data.LoadFromEnumerable(rows));

        log.Count(line => line.Contains("In 3 of 4 pairs an earlier answer that both sides share counts", StringComparison.Ordinal)
            && line.Contains("PreferencePreparationOptions.CountedAnswers", StringComparison.Ordinal)).Should().Be(times);
        log.Count(line => line.Contains("earlier answer", StringComparison.Ordinal)).Should().Be(times);
    }

    [Fact]
    public void Fit_ModelThatStaysTheReference_CountsTiesHalfWhereverAccuracyIsMeasured()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 9);

        using DpoTransformer trained = Trainer(new() { Model = model, LearningRate = 0, LogInterval = 1, Validation = new() { Data = pairs } }).Fit(pairs);

        trained.TrainingSummary.History.Should().AllSatisfy(point => point.Metrics[MetricNames.Accuracy].Should().Be(0.5));
        trained.TrainingSummary.Evaluations.Should().AllSatisfy(evaluation => evaluation[ValidationMetric.Accuracy].Should().Be(0.5));
        _context.Preferences.Evaluate(trained.Transform(pairs)).Accuracy.Should().Be(0.5);
    }

    [Fact]
    public void Fit_SeveralEpochs_RunTheReferenceOverEveryPairOnce()
    {
        using PretrainedModel model = SmallModel.Create(), other = SmallModel.Create(seed: 2);
        RowCount reference = new(other.Network.Network);
        int Rows(int epochs, ReferenceMode mode)
        {
            reference.Reset();
            using DpoTransformer trained = Trainer(new() { Model = model, ReferenceModel = other, Epochs = epochs, Reference = mode })
                .Fit(SmallModel.Pairs(_context, 8));
            return reference.Rows;
        }
        int once = Rows(1, ReferenceMode.Live);

        Rows(3, ReferenceMode.Auto).Should().Be(once);
        Rows(3, ReferenceMode.Live).Should().Be(3 * once, "that is what it saves");
    }

    [Fact]
    public void Transform_WithoutReference_RefusesRewardsAndStillGivesLogProbs()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 4);
        using DpoTransformer trained = Trainer(new() { Model = model, KeepReference = false }).Fit(pairs);
        IDataView scored = trained.Transform(pairs);

        FluentActions.Invoking(() => _context.Preferences.Evaluate(scored)).Should().Throw<InvalidOperationException>().WithMessage("*KeepReference*");
        scored.GetRowCursor([scored.Schema["ChosenLogProb"]]).MoveNext().Should().BeTrue();
    }

    [Fact]
    public void Fit_BadColumns_NamesRowAndColumn()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView Broken(Action<PreparedPair> damage)
        {
            List<PreparedPair> rows = [.. RandomPairs.Make(3, 1024, 3).Select(SmallModel.Row)];
            damage(rows[1]);
            return _context.Data.LoadFromEnumerable(rows);
        }
        void ShouldThrow(IDataView data, string message) =>
            FluentActions.Invoking(() => Trainer(new() { Model = model }).Fit(data)).Should().Throw<InvalidDataException>().WithMessage(message);

        ShouldThrow(Broken(r => r.ChosenInputIds[0] = 1024), "line 2: 'ChosenInputIds' has token id 1024 at position 0*");
        ShouldThrow(Broken(r => r.RejectedLossMask[0] = 0.5f), "line 2: 'RejectedLossMask' has 0.5 at position 0*");
        ShouldThrow(Broken(r => r.ChosenLabels = [1]), "line 2: 'ChosenInputIds' has * items, 'ChosenLabels' 1*");
        FluentActions.Invoking(() => Trainer(new() { Model = model }).Fit(_context.Data.LoadFromEnumerable(new[] { new PreferencePair() })))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*ChosenInputIds*");
    }

    [Fact]
    public void Options_WithSeveralFaults_AreRefusedInOneMessage()
    {
        using PretrainedModel model = SmallModel.Create();

        FluentActions.Invoking(() => new DpoTrainer(_context,
            new() { Model = model, Beta = 0, BatchSize = 0, Padding = BatchPadding.Longest, SharePrompts = true }))
            .Should().Throw<ArgumentException>().WithMessage("*Beta*").WithMessage("*BatchSize*").WithMessage("*SharePrompts*");
    }

    [Fact]
    public void Fit_Cancelled_StopsAfterTheStepAtHand()
    {
        using PretrainedModel model = SmallModel.Create();
        using CancellationTokenSource cancellation = new();
        List<long> steps = [];
        Progress progress = new(report =>
        {
            steps.Add(report.Step);
            if (report.Step == 2)
                cancellation.Cancel();
        });

        FluentActions.Invoking(() => Trainer(new() { Model = model, Epochs = 5, LogInterval = 1, Progress = progress, CancellationToken = cancellation.Token })
            .Fit(SmallModel.Pairs(_context, 12))).Should().Throw<OperationCanceledException>();

        steps.Should().Equal(1, 2);
    }

    private static byte[] Weights(PretrainedModel model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return [.. model.Network.Network.parameters().SelectMany(p => p.bytes.ToArray())];
    }

    private DpoTrainer Trainer(DpoTrainer.Options options) => new(_context, options);

    private List<PreferenceScore> Scores(DpoTransformer transformer, IDataView pairs) =>
        [.. _context.Data.CreateEnumerable<PreferenceScore>(transformer.Transform(pairs), reuseRowObject: false, ignoreMissingColumns: true)];

    private sealed class Progress(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
