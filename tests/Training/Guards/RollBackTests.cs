using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

public sealed class RollBackTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_RollBack_ReturnsTheWeightsOfTheLastGoodPointAndEnds()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 40);
        DpoTrainer.Options Options(GuardAction action) => new()
        {
            Model = model, LearningRate = 0.01, Schedule = ScheduleOptions.Constant(), Reduction = LogProbReduction.Sum, Beta = 0.5,
            LogInterval = 2, Epochs = 4,
            Guards = new() { MarginExplosion = action, ChosenCollapse = GuardAction.Off, MaxMargin = 3, RollBackSteps = 4 },
        };

        using DpoTransformer rolledBack = new DpoTrainer(_context, Options(GuardAction.RollBack)).Fit(pairs);
        using DpoTransformer stopped = new DpoTrainer(_context, Options(GuardAction.Stop)).Fit(pairs);

        TrainingWarning warning = rolledBack.TrainingSummary.Warnings.Should().ContainSingle().Subject;
        stopped.TrainingSummary.Warnings.Should().ContainSingle().Which.Step.Should().Be(warning.Step);
        stopped.TrainingSummary.Steps.Should().Be(warning.Step);
        long back = rolledBack.TrainingSummary.Steps;
        back.Should().BeLessThan(warning.Step).And.BePositive("points are taken every four steps");
        rolledBack.TrainingSummary.StopReason.Should().StartWith($"MarginExplosion guard, back to the weights of step {back}");

        using DpoTransformer until = StoppedAfter(back, Options(GuardAction.Off), pairs);
        Weights(rolledBack).Should().Equal(Weights(until), $"they are those of step {back}");
        Weights(rolledBack).Should().NotEqual(Weights(stopped));
    }

    /// <summary>The same run, which a patience of one evaluation ends after the given step.</summary>
    private DpoTransformer StoppedAfter(long step, DpoTrainer.Options options, IDataView pairs) => new DpoTrainer(_context, new()
    {
        Model = options.Model, LearningRate = options.LearningRate, Schedule = options.Schedule, Reduction = options.Reduction, Beta = options.Beta,
        Epochs = options.Epochs,
        Guards = GuardOptions.None,
        Validation = new() { Data = pairs, EverySteps = (int)step, Patience = 1, Metric = ValidationMetric.KlDivergence, SamplePrompts = 0 },
    }).Fit(pairs);

    private static byte[] Weights(DpoTransformer transformer)
    {
        using PretrainedModel model = transformer.AsModel();
        using DisposeScope scope = torch.NewDisposeScope();
        return [.. model.Network.Network.parameters().SelectMany(p => p.bytes.ToArray())];
    }
}
