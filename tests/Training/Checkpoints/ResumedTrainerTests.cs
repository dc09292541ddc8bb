using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>Checkpoints, cancellation and determinism as a user of the trainers has them.</summary>
public sealed class ResumedTrainerTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ReferenceMode.Live)]
    [InlineData(ReferenceMode.Precomputed)]
    public void Fit_CancelledAndFittedAgain_EndsAsTheUninterruptedRun(ReferenceMode reference)
    {
        IDataView pairs = SmallModel.Pairs(_context, 11);
        DpoTrainer.Options Options(CheckpointOptions? checkpoints = null, CancellationTokenSource? cancellation = null, int logInterval = 2) => new()
        {
            Model = _model, LearningRate = 1e-3, BatchSize = 2, AccumulationSteps = 2, Epochs = 3, LogInterval = logInterval, Reference = reference,
            Checkpoints = checkpoints,
            Progress = cancellation is null ? null : new CancelAt(4, cancellation), CancellationToken = cancellation?.Token ?? default,
        };
        using DpoTransformer whole = new DpoTrainer(_context, Options()).Fit(pairs), twice = new DpoTrainer(_context, Options()).Fit(pairs);
        CheckpointOptions kept = new() { Folder = _folder.Path, EverySteps = 3 };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => new DpoTrainer(_context, Options(kept, cancellation)).Fit(pairs)).Should().Throw<OperationCanceledException>();
        Directory.Exists(_folder.File("step-00000004")).Should().BeTrue("a cancelled run leaves a checkpoint of its last step");
        using DpoTransformer resumed = new DpoTrainer(_context, Options(kept)).Fit(pairs);

        Weights(twice).Should().Be(Weights(whole), "the same seed, data and threads give the same weights");
        History(twice.TrainingSummary).Should().Equal(History(whole.TrainingSummary));
        Weights(resumed).Should().Be(Weights(whole));
        History(resumed.TrainingSummary).Should().Equal(History(whole.TrainingSummary));
        using DpoTransformer again = new DpoTrainer(_context, Options(kept, logInterval: 1)).Fit(pairs);
        Weights(again).Should().Be(Weights(whole), "a run that had ended is not trained further, and how often it is measured may differ");
        again.TrainingSummary.Steps.Should().Be(whole.TrainingSummary.Steps);
    }

    [Fact]
    public void Fit_SupervisedAndCancelled_EndsAsTheUninterruptedRun()
    {
        IDataView conversations = _context.Data.LoadFromEnumerable(RandomPairs.Make(9, 1024, seed: 3).Select(SmallModel.Row).ToList());
        SftTrainer Trainer(CheckpointOptions? checkpoints = null, CancellationTokenSource? cancellation = null) => new(_context, new()
        {
            Model = _model, LearningRate = 1e-3, BatchSize = 2, Epochs = 2, LogInterval = 3, Checkpoints = checkpoints,
            InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels", LossMaskColumnName = "ChosenLossMask",
            Progress = cancellation is null ? null : new CancelAt(3, cancellation), CancellationToken = cancellation?.Token ?? default,
        });
        using SftTransformer whole = Trainer().Fit(conversations);
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => Trainer(new() { Folder = _folder.Path }, cancellation).Fit(conversations)).Should().Throw<OperationCanceledException>();
        using SftTransformer resumed = Trainer(new() { Folder = _folder.Path, Resume = ResumeMode.Required }).Fit(conversations);

        Fingerprint.Of(resumed.Model.Network.Network).Should().Be(Fingerprint.Of(whole.Model.Network.Network));
        History(resumed.TrainingSummary).Should().Equal(History(whole.TrainingSummary));
    }

    [Theory]
    [InlineData(2, 0, GuardAction.Off)]
    [InlineData(2, 2, GuardAction.Off)]
    [InlineData(3, 0, GuardAction.RollBack)]
    public void Fit_CancelledBetweenEvaluations_DecidesAsTheUninterruptedRun(int everySteps, int patience, GuardAction guard)
    {
        IDataView pairs = SmallModel.Pairs(_context, 11), heldOut = SmallModel.Pairs(_context, 5, seed: 9);
        DpoTrainer Trainer(CheckpointOptions? checkpoints = null, CancellationTokenSource? cancellation = null) => new(_context, new()
        {
            Model = _model, LearningRate = 2e-2, BatchSize = 2, Epochs = 4, LogInterval = 1, Checkpoints = checkpoints,
            Validation = new()
            {
                Data = heldOut, EverySteps = everySteps, Patience = patience, KeepBest = guard == GuardAction.Off, SamplePrompts = 1,
                SampleTokens = 4
            },
            Guards = new() { MarginExplosion = guard, MaxMargin = 0.3, RollBackSteps = 3 },
            Progress = cancellation is null ? null : new CancelAt(4, cancellation), CancellationToken = cancellation?.Token ?? default,
        });
        using DpoTransformer whole = Trainer().Fit(pairs);
        CheckpointOptions kept = new() { Folder = _folder.Path, EverySteps = 5 };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => Trainer(kept, cancellation).Fit(pairs)).Should().Throw<OperationCanceledException>();
        Directory.Exists(_folder.File("step-00000004")).Should().BeTrue();
        using DpoTransformer resumed = Trainer(kept).Fit(pairs), again = Trainer(kept).Fit(pairs);

        foreach (DpoTransformer other in (DpoTransformer[])[resumed, again])
        {
            Weights(other).Should().Be(Weights(whole));
            TrainingSummary actual = other.TrainingSummary, expected = whole.TrainingSummary;
            (actual.Steps, actual.ReturnedStep, actual.StopReason).Should().Be((expected.Steps, expected.ReturnedStep, expected.StopReason));
            Evaluations(actual).Should().Equal(Evaluations(expected));
            actual.Warnings.Should().Equal(expected.Warnings);
        }
        if (patience > 0)
            whole.TrainingSummary.StopReason.Should().Contain("evaluations did not improve");
        if (guard == GuardAction.RollBack)
            whole.TrainingSummary.StopReason.Should().StartWith("MarginExplosion guard, back to the weights of step");
    }

    [Fact]
    public void Fit_OtherDataModelReferenceOrOptions_IsRefusedWithWhatDiffers()
    {
        using PretrainedModel other = SmallModel.Create(seed: 2);
        CheckpointOptions kept = new() { Folder = _folder.Path };
        new DpoTrainer(_context, new() { Model = _model, Checkpoints = kept }).Fit(SmallModel.Pairs(_context, 5)).Dispose();
        void ShouldBeRefused(DpoTrainer.Options options, int pairs, string differences) =>
            FluentActions.Invoking(() => new DpoTrainer(_context, options).Fit(SmallModel.Pairs(_context, pairs)))
                .Should().Throw<InvalidOperationException>().WithMessage($"*is of another run, and nothing was trained: {differences}. Give*");

        ShouldBeRefused(new() { Model = _model, Checkpoints = kept }, 6, "Data is 6 pairs, SHA-256 *, in the checkpoint 5 pairs, SHA-256 *");
        ShouldBeRefused(new() { Model = _model, Checkpoints = kept, Beta = 0.2, LearningRate = 1e-7 }, 5,
            "Beta is 0.2, in the checkpoint 0.15; LearningRate is 1E-07, in the checkpoint 4E-08");
        ShouldBeRefused(new() { Model = other, Checkpoints = kept }, 5, "Model is SHA-256 *; Reference is live, SHA-256 *");
        ShouldBeRefused(new() { Model = _model, ReferenceModel = other, Checkpoints = kept }, 5, "Reference is live, SHA-256 *");
        ShouldBeRefused(new() { Model = _model, Checkpoints = kept, Validation = new() { Data = SmallModel.Pairs(_context, 3) } }, 5,
            "Validation is *; Validation.Data is 3 pairs, SHA-256 *, in the checkpoint none*");
        ShouldBeRefused(new() { Model = _model, Checkpoints = kept, Optimizer = OptimizerOptions.AdamW(weightDecay: 0.1) }, 5,
            "Optimizer is *WeightDecay = 0.1*");
        using DpoTransformer allowed = new DpoTrainer(_context,
            new() { Model = _model, Beta = 0.2, KeepReference = false, Checkpoints = new() { Folder = _folder.Path, AllowDifferences = true } })
            .Fit(SmallModel.Pairs(_context, 5));
        allowed.TrainingSummary.Steps.Should().Be(2);
    }

    [Fact]
    public void Options_OfCheckpointsWithFaults_AreRefusedInOneMessage() =>
        FluentActions.Invoking(() => new DpoTrainer(_context,
            new() { Model = _model, Checkpoints = new() { Folder = " ", EverySteps = 0, Keep = 0, Resume = ResumeMode.Never, AllowDifferences = true } }))
            .Should().Throw<ArgumentException>().WithMessage("*Folder*").WithMessage("*EverySteps*").WithMessage("*Keep*").WithMessage("*AllowDifferences*");

    private static string Weights(DpoTransformer trained)
    {
        using PretrainedModel model = trained.AsModel();
        return Fingerprint.Of(model.Network.Network);
    }

    private static IEnumerable<string> History(TrainingSummary summary) =>
        summary.History.Select(p => $"{p with { Elapsed = default, Metrics = new Dictionary<string, double>() }} {string.Join(", ", p.Metrics)}");

    private static IEnumerable<string> Evaluations(TrainingSummary summary) =>
        summary.Evaluations.Select(e => $"{e.Step} {e.Examples} {string.Join(", ", e.Metrics)}");

    private sealed class CancelAt(long step, CancellationTokenSource source) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value)
        {
            if (value.Step == step)
                source.Cancel();
        }
    }
}
