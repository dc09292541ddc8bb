using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>A reference that follows the policy.</summary>
public sealed class ReferenceSyncTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Fit_ReferenceBecomesThePolicy_StartsAnewAfterEachChange()
    {
        (IReadOnlyList<TrainingPoint> history, _) = Fit(Options(new() { Alpha = 1, EverySteps = 2 }));

        double ln2 = Math.Log(2);
        history.Select(point => Math.Abs(point.Metrics[MetricNames.Loss] - ln2) < 1e-6).Should().Equal(true, false, true, false, true, false);
    }

    [Fact]
    public void Fit_ShareOfThePolicy_IsWhatTheReferenceGets()
    {
        // two steps, the reference changes after the first: 0.25 times the policy of then and the rest as it was
        DpoTrainer.Options options = Options(new() { Alpha = 0.25, EverySteps = 1 }) with { Epochs = 1, BatchSize = 6 };
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(SmallModel.Pairs(_context, 6));
        trained.TrainingSummary.Steps.Should().Be(1);
        using PretrainedModel policy = trained.AsModel();
        double Score(PretrainedModel model)
        {
            using DpoTransformer scorer =
                new DpoTrainer(_context, new() { Model = model, Reference = ReferenceMode.None, LearningRate = 0, ConsoleWarnings = false })
                .Fit(SmallModel.Pairs(_context, 6));
            return _context.Data.CreateEnumerable<PreferenceScore>(scorer.Transform(SmallModel.Pairs(_context, 1)), reuseRowObject: false,
                ignoreMissingColumns: true).First().ChosenLogProb;
        }
        double before = Score(_model), after = Score(policy);

        PreferenceScore score = _context.Data.CreateEnumerable<PreferenceScore>(trained.Transform(SmallModel.Pairs(_context, 1)), reuseRowObject: false,
            ignoreMissingColumns: true).First();

        Math.Abs(after - before).Should().BeGreaterThan(1e-3);
        (score.ChosenReward / 0.15).Should()
            .BeApproximately(0.75 * (after - before), 0.05 * Math.Abs(after - before), "of a small step a quarter is taken over");
    }

    [Fact]
    public void Fit_WithoutSync_LeavesTheModelAndTheReferenceAlone()
    {
        string before = Fingerprint.Of(_model.Network.Network);

        (IReadOnlyList<TrainingPoint> synced, _) = Fit(Options(new() { Alpha = 0.5, EverySteps = 1 }));
        (IReadOnlyList<TrainingPoint> plain, _) = Fit(Options(null));

        Fingerprint.Of(_model.Network.Network).Should().Be(before, "the options' model is not the reference that changes");
        synced[0].Metrics[MetricNames.Loss].Should().Be(plain[0].Metrics[MetricNames.Loss]);
        synced[^1].Metrics[MetricNames.Loss].Should().NotBe(plain[^1].Metrics[MetricNames.Loss]);
    }

    [Fact]
    public void Fit_CancelledAndFittedAgain_GoesOnWithTheReferenceOfThen()
    {
        DpoTrainer.Options options = Options(new() { Alpha = 0.6, EverySteps = 2 });
        (IReadOnlyList<TrainingPoint> whole, string weights) = Fit(options);
        CheckpointOptions kept = new() { Folder = _folder.Path, EverySteps = 1 };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => Fit(options with { Checkpoints = kept, Progress = new CancelAt(3, cancellation), CancellationToken = cancellation.Token }))
            .Should().Throw<OperationCanceledException>();
        (IReadOnlyList<TrainingPoint> resumed, string same) = Fit(options with { Checkpoints = kept });

        same.Should().Be(weights);
        resumed.Select(point => point.Metrics[MetricNames.Loss]).Should().Equal(whole.Select(point => point.Metrics[MetricNames.Loss]));
        FluentActions.Invoking(() => Fit(Options(null) with { Checkpoints = kept })).Should().Throw<InvalidOperationException>()
            .WithMessage("*ReferenceSync.Alpha is unknown, in the checkpoint 0.6*");
    }

    [Fact]
    public void Fit_TwoProcesses_ChangeTheReferenceAlike()
    {
        DpoTrainer.Options options = Options(new() { Alpha = 0.6, EverySteps = 2 });
        (IReadOnlyList<TrainingPoint> one, _) = Fit(options with { BatchSize = 4 });

        (IReadOnlyList<TrainingPoint> History, string Weights)[] ranks = SharedMemory.Run(2, communicator => Fit(options with { Communicator = communicator }));

        ranks[1].Weights.Should().Be(ranks[0].Weights);
        ranks[0].History.Select(point => point.Metrics[MetricNames.Loss]).Zip(one.Select(point => point.Metrics[MetricNames.Loss]))
            .Should().OnlyContain(both => Math.Abs(both.First - both.Second) < 1e-4);
    }

    [Fact]
    public void Fit_WithEvaluations_MeasuresAgainstTheReferenceOfThen()
    {
        IDataView heldOut = SmallModel.Pairs(_context, 5, seed: 9);
        DpoTrainer.Options options = Options(new() { Alpha = 1, EverySteps = 2 }) with
        {
            Validation =
            new() { Data = heldOut, EverySteps = 1, SamplePrompts = 0 }
        };

        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(SmallModel.Pairs(_context, 6));

        trained.TrainingSummary.Evaluations.Select(point => Math.Abs(point.Metrics[MetricNames.Loss] - Math.Log(2)) < 1e-6)
            .Should().Equal(true, false, true, false, true, false, true);
        PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(heldOut));
        metrics.Loss.Should().BeApproximately(Math.Log(2), 1e-6, "the transformer has the reference of the end");
    }

    [Fact]
    public void Validate_WhatDoesNotGoWithIt_IsRefusedByName()
    {
        ReferenceSyncOptions sync = new();
        (sync.Alpha, sync.EverySteps).Should().Be((0.6, 512), "those of TRL");
        ShouldBeRefused(Options(new() { Alpha = 0, EverySteps = 0 }), "*ReferenceSync.Alpha is 0*ReferenceSync.EverySteps is 0*");
        ShouldBeRefused(Options(sync) with { Reference = ReferenceMode.Precomputed },
            "*ReferenceSync changes the reference during the run, but Reference Precomputed*");
        ShouldBeRefused(Options(sync) with { ReferenceCacheFolder = _folder.Path },
            "*ReferenceSync changes the reference during the run, but ReferenceCacheFolder*");
        ShouldBeRefused(Options(sync) with { Reference = ReferenceMode.None }, "*ReferenceSync is set, but there is no reference*");
        ShouldBeRefused(Options(sync) with { Loss = PreferenceLoss.SimPO() }, "*ReferenceSync is set, but there is no reference*");
        ShouldBeRefused(Options(sync) with { Validation = new() { Data = SmallModel.Pairs(_context, 2), KeepBest = true } },
            "*ReferenceSync*KeepBest and Patience*");
        ShouldBeRefused(Options(sync) with { Adapter = new LoraOptions() },
            "*ReferenceSync moves a reference of its own, but with Adapter*none of their rank*");
        ShouldBeRefused(Options(sync) with { FreezeLayers = 1 },
            "*ReferenceSync moves a reference of its own, but with FreezeLayers*share their frozen weights*");
        ShouldBeRefused(Options(sync) with { Guards = new() { MarginExplosion = GuardAction.RollBack } }, "*ReferenceSync*RollBack*");
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private void ShouldBeRefused(DpoTrainer.Options options, string message) =>
        FluentActions.Invoking(() => new DpoTrainer(_context, options)).Should().Throw<ArgumentException>().WithMessage(message);

    private DpoTrainer.Options Options(ReferenceSyncOptions? sync) => new()
    {
        Model = _model, ReferenceSync = sync, LearningRate = 1e-3, BatchSize = 2, Epochs = 2, LogInterval = 1, Guards = GuardOptions.None,
        ConsoleWarnings = false,
    };

    private (IReadOnlyList<TrainingPoint> History, string Weights) Fit(DpoTrainer.Options options)
    {
        using DpoTransformer trained = new DpoTrainer(new MLContext(seed: 1), options).Fit(SmallModel.Pairs(_context, 6));
        using PretrainedModel model = trained.AsModel();
        return (trained.TrainingSummary.History, Fingerprint.Of(model.Network.Network));
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
