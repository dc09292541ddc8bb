using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What a loss says of itself decides which options it goes with.</summary>
public sealed class LossOptionTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();

    [Fact]
    public void Beta_NotSet_IsTheLosssOwn()
    {
        new DpoTrainer.Options { Model = _model }.Beta.Should().Be(0.15);
        new DpoTrainer.Options { Model = _model, Loss = new SigmoidWithLikelihood() }.Beta.Should().Be(0.1);
        new DpoTrainer.Options { Model = _model, Loss = new SigmoidWithLikelihood(), Beta = 3 }.Beta.Should().Be(3);
        (new DpoTrainer.Options { Model = _model, Beta = 0.5 } with { Epochs = 2 }).Objective.Should()
            .Be(new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.5, LogProbReduction.Mean));
    }

    [Fact]
    public void Validate_WhatALossCannotDo_IsRefusedByName()
    {
        ShouldBeRefused(new() { Model = _model, Loss = null! }, "*Loss is not set*");
        ShouldBeRefused(new() { Model = _model, Loss = new PlainDifference(), Beta = 0.15 }, "*Beta is 0.15, but Loss PlainDifference has none*");
        ShouldBeRefused(new() { Model = _model, Loss = new CenteredSigmoid() }, "*Reduction is Mean, but Loss CenteredSigmoid takes Sum only*");
        ShouldBeRefused(new() { Model = _model, Loss = new PlainDifference(), Reference = ReferenceMode.Live }, "*Loss PlainDifference has no reference*");
        ShouldBeRefused(new() { Model = _model, Loss = new PlainDifference(), ReferenceModel = _model }, "*Loss PlainDifference has no reference*");
        DpoTrainer.Options coupled = new() { Model = _model, Loss = new CenteredSigmoid(), Reduction = LogProbReduction.Sum };
        FluentActions.Invoking(() => new DpoTrainer(_context, coupled)).Should().NotThrow();
        ShouldBeRefused(coupled with { MaxRowsPerPass = 100 }, "*Loss CenteredSigmoid couples the pairs of a step, which MaxRowsPerPass 100 would take apart*");
        ShouldBeRefused(coupled with { AutoBatch = true }, "*couples*AutoBatch*");
        ShouldBeRefused(coupled with { AccumulationSteps = 2 }, "*couples*AccumulationSteps 2*");
        using SharedMemory shared = new(2);
        ShouldBeRefused(coupled with { Communicator = new SharedMemoryCommunicator(shared, 0) }, "*couples*Communicator with 2 processes*");
    }

    [Fact]
    public void Fit_LossWithoutReferenceAndBeta_RunsAndScoresWithoutAny()
    {
        IDataView pairs = SmallModel.Pairs(_context, 12);
        DpoTrainer trainer = new(_context, new() { Model = _model, Loss = new PlainDifference(), LearningRate = 1e-3, Epochs = 3, LogInterval = 1 });

        using DpoTransformer trained = trainer.Fit(pairs);

        trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss].Should().BeLessThan(trained.TrainingSummary.History[0].Metrics[MetricNames.Loss]);
        IDataView scored = trained.Transform(pairs);
        PreferenceScore score = _context.Data.CreateEnumerable<PreferenceScore>(scored, reuseRowObject: false, ignoreMissingColumns: true).First();
        score.ChosenReward.Should().Be(score.ChosenLogProb, "there is neither a factor nor a reference");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_LearningRateTooSmall_IsNoticedWithWhateverALossSaysOfItsStart(bool coupled) // a coupled loss has no slope, the other no start
    {
        PreferenceLoss loss = coupled ? new CenteredSigmoid() : new SigmoidWithLikelihood();
        string start = coupled ? "the loss is 0.69315, as at the start (ln 2 = 0.69315), and the mean margin" : "the loss is * and the mean margin";
        DpoTrainer trainer = new(_context, new()
        {
            Model = _model, Loss = loss, Reduction = LogProbReduction.Sum, LearningRate = 1e-9, Epochs = 2,
            LogInterval = 2
        });

        using DpoTransformer trained = trainer.Fit(SmallModel.Pairs(_context, 40));

        trained.TrainingSummary.Warnings.Should().ContainSingle().Which.Message.Should().Match($"*{start}*too small for 20 steps*");
    }

    [Fact]
    public void OfScores_OfACoupledLoss_IsNotANumber()
    {
        PreferenceObjective objective = new(new CenteredSigmoid(), 1, LogProbReduction.Sum);

        double.IsNaN(objective.OfScores(new ScoredPair(-1, -2, 0, 0, 0))).Should().BeTrue("one pair does not tell it");
    }

    public void Dispose() => _model.Dispose();

    private void ShouldBeRefused(DpoTrainer.Options options, string message) =>
        FluentActions.Invoking(() => new DpoTrainer(_context, options)).Should().Throw<ArgumentException>().WithMessage(message);
}
