using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

public sealed class ValidationTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly IDataView _pairs, _heldOut;

    public ValidationTests() => (_pairs, _heldOut) = (SmallModel.Pairs(_context, 12), SmallModel.Pairs(_context, 7, seed: 9));

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Fit_WithEvaluations_GivesTheWeightsOfARunWithoutAny()
    {
        using DpoTransformer plain = Fit(null, epochs: 2);
        using DpoTransformer watched = Fit(new() { Data = _heldOut, EverySteps = 2, SampleTokens = 12 }, epochs: 2);

        watched.TrainingSummary.Evaluations.Select(e => e.Step).Should().Equal(0, 2, 4, 6);
        Weights(watched).Should().Equal(Weights(plain));
        watched.TrainingSummary.History.Select(p => p.Metrics[MetricNames.Loss]).Should()
            .Equal(plain.TrainingSummary.History.Select(p => p.Metrics[MetricNames.Loss]));
    }

    [Fact]
    public void Fit_WithEvaluations_StartsAtLn2AndEndsWithWhatEvaluateGives()
    {
        using DpoTransformer trained = Fit(new() { Data = _heldOut, SamplePrompts = 2, SampleTokens = 5 }, learningRate: 5e-3);

        IReadOnlyList<ValidationPoint> evaluations = trained.TrainingSummary.Evaluations;
        evaluations.Select(e => e.Step).Should().Equal(0, 3);
        (ValidationPoint start, ValidationPoint end) = (evaluations[0], evaluations[1]);
        start[ValidationMetric.Loss].Should().BeApproximately(Math.Log(2), 1e-7);
        start[ValidationMetric.Accuracy].Should().Be(0.5, "policy and reference are one model, and a margin of 0 counts half");
        start[ValidationMetric.KlDivergence].Should().Be(0);
        start.Metrics[MetricNames.ResponseLength].Should().BeInRange(1, 5);

        PreferenceMetrics expected = _context.Preferences.Evaluate(trained.Transform(_heldOut));
        end.Examples.Should().Be(7);
        end[ValidationMetric.Loss].Should().BeApproximately(expected.Loss, 1e-6);
        end[ValidationMetric.Accuracy].Should().Be(expected.Accuracy);
        end.Metrics[MetricNames.AccuracyLower].Should().Be(expected.AccuracyLower);
        end.Metrics[MetricNames.AccuracyUpper].Should().Be(expected.AccuracyUpper);
        end[ValidationMetric.Margin].Should().BeApproximately(expected.MeanMargin, 1e-6).And.NotBe(0);
        end[ValidationMetric.ChosenReward].Should().BeApproximately(expected.MeanChosenReward, 1e-6);
        end[ValidationMetric.RejectedReward].Should().BeApproximately(expected.MeanRejectedReward, 1e-6);
        end[ValidationMetric.ChosenLogProb].Should().BeApproximately(expected.MeanChosenLogProb, 1e-5);
        end[ValidationMetric.RejectedLogProb].Should().BeApproximately(expected.MeanRejectedLogProb, 1e-5);
        end[ValidationMetric.KlDivergence].Should().BePositive();
    }

    [Fact]
    public void Fit_KeepBest_ReturnsTheWeightsOfTheBestEvaluation()
    {
        // pairs learnt by heart at a high rate: what was held out gets worse after a while
        using DpoTransformer last = Fit(new() { Data = _heldOut, EverySteps = 1, SamplePrompts = 0 }, epochs: 6, learningRate: 2e-2);
        using DpoTransformer best = Fit(new() { Data = _heldOut, EverySteps = 1, SamplePrompts = 0, KeepBest = true }, epochs: 6, learningRate: 2e-2);

        ValidationPoint expected = last.TrainingSummary.Evaluations.MinBy(e => e[ValidationMetric.Loss])!;
        expected.Step.Should().BeLessThan(last.TrainingSummary.Steps, "else the test says nothing");
        best.TrainingSummary.ReturnedStep.Should().Be(expected.Step);
        _context.Preferences.Evaluate(best.Transform(_heldOut)).Loss.Should().BeApproximately(expected[ValidationMetric.Loss], 1e-6);
        last.TrainingSummary.ReturnedStep.Should().Be(last.TrainingSummary.Steps);
        _context.Preferences.Evaluate(last.Transform(_heldOut)).Loss.Should()
            .BeApproximately(last.TrainingSummary.Evaluations[^1][ValidationMetric.Loss], 1e-6);
    }

    [Fact]
    public void Fit_Patience_EndsTheRunEarlyAndSaysWhy()
    {
        using DpoTransformer trained = Fit(
            new() { Data = _heldOut, EverySteps = 1, SamplePrompts = 0, Patience = 2, Metric = ValidationMetric.KlDivergence, MinDelta = 1e-9 }, epochs: 6,
                learningRate: 5e-3);

        TrainingSummary summary = trained.TrainingSummary;
        summary.Steps.Should().Be(2, "the divergence only grows from its start at 0");
        summary.Evaluations.Select(e => e.Step).Should().Equal(0, 1, 2);
        summary.StopReason.Should().Contain("2 evaluations").And.Contain("'kl'").And.Contain("step 0");
    }

    [Fact]
    public void Fit_Supervised_MeasuresLossAndPerplexity()
    {
        using SftTransformer trained = new SftTrainer(_context, new()
        {
            Model = _model, LearningRate = 1e-3, BatchSize = 2, InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels",
            LossMaskColumnName = "ChosenLossMask",
            Validation = new() { Data = _heldOut, Metric = ValidationMetric.Perplexity, SamplePrompts = 0, KeepBest = true },
        }).Fit(_pairs);

        ValidationPoint start = trained.TrainingSummary.Evaluations[0];
        start[ValidationMetric.Loss].Should().BeApproximately(Math.Log(1024), 0.5, "an untrained model finds every token about equally likely");
        start[ValidationMetric.Perplexity].Should().BeApproximately(Math.Exp(start[ValidationMetric.Loss]), 1e-6);
        trained.TrainingSummary.Evaluations.Select(e => e.Step).Should().Equal(0, 6);
    }

    [Fact]
    public void Options_WithFaults_AreRefusedInOneMessage()
    {
        FluentActions.Invoking(() => new DpoTrainer(_context,
            new() { Model = _model, Validation = new() { Data = _heldOut, Patience = 1, MinDelta = -1, Metric = ValidationMetric.Perplexity } }))
            .Should().Throw<ArgumentException>().WithMessage("*Patience needs EverySteps*").WithMessage("*MinDelta is -1*")
                .WithMessage("*only supervised runs measure*");
        FluentActions.Invoking(() => new DpoTrainer(_context,
            new() { Model = _model, Reference = ReferenceMode.None, Validation = new() { Data = _heldOut, Metric = ValidationMetric.KlDivergence } }))
            .Should().Throw<ArgumentException>().WithMessage("*'kl', which is not measured without a reference*");
        FluentActions.Invoking(() => new SftTrainer(_context,
            new() { Model = _model, Validation = new() { Data = _heldOut, Metric = ValidationMetric.Margin } }))
            .Should().Throw<ArgumentException>().WithMessage("*supervised runs do not measure*");
    }

    [Fact]
    public void Save_AfterEvaluations_KeepsThemInTheModel()
    {
        using DpoTransformer trained = Fit(new() { Data = _heldOut, SamplePrompts = 0 });
        string path = Path.Combine(Directory.CreateTempSubdirectory("validation-").FullName, "model.zip");
        try
        {
            _context.Model.Save(trained, _pairs.Schema, path);
            using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(path, out _);

            loaded.TrainingSummary.Evaluations[1].Metrics.Should().Equal(trained.TrainingSummary.Evaluations[1].Metrics);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private DpoTransformer Fit(ValidationOptions? validation, int epochs = 1, double learningRate = 1e-3) => new DpoTrainer(_context, new()
    {
        Model = _model, LearningRate = learningRate, Epochs = epochs, LogInterval = 1, Validation = validation, Reference = ReferenceMode.Live,
    }).Fit(_pairs);

    private static byte[] Weights(DpoTransformer transformer)
    {
        using PretrainedModel model = transformer.AsModel();
        using DisposeScope scope = torch.NewDisposeScope();
        return [.. model.Network.Network.parameters().SelectMany(p => p.bytes.ToArray())];
    }
}
