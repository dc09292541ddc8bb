using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>Every guard stops where it is to stop, and rolls back where it is to roll back.</summary>
public sealed class GuardActionTests
{
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(TrainingGuard.NoLearning, GuardAction.Warn)]
    [InlineData(TrainingGuard.NoLearning, GuardAction.Stop)]
    [InlineData(TrainingGuard.NoLearning, GuardAction.RollBack)]
    [InlineData(TrainingGuard.ChosenCollapse, GuardAction.Warn)]
    [InlineData(TrainingGuard.ChosenCollapse, GuardAction.Stop)]
    [InlineData(TrainingGuard.ChosenCollapse, GuardAction.RollBack)]
    [InlineData(TrainingGuard.MarginExplosion, GuardAction.Warn)]
    [InlineData(TrainingGuard.MarginExplosion, GuardAction.Stop)]
    [InlineData(TrainingGuard.NonFinite, GuardAction.Warn)]
    [InlineData(TrainingGuard.NonFinite, GuardAction.Stop)]
    [InlineData(TrainingGuard.NonFinite, GuardAction.RollBack)]
    [InlineData(TrainingGuard.LengthDrift, GuardAction.Stop)]
    [InlineData(TrainingGuard.LengthDrift, GuardAction.RollBack)]
    [InlineData(TrainingGuard.EasyPairs, GuardAction.Stop)]
    [InlineData(TrainingGuard.EasyPairs, GuardAction.RollBack)]
    public void Fit_Finding_IsFollowedByTheAction(TrainingGuard guard, GuardAction action)
    {
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = new DpoTrainer(_context, Options(model, guard, action)).Fit(SmallModel.Pairs(_context, 40));

        TrainingSummary summary = trained.TrainingSummary;
        TrainingWarning warning = summary.Warnings.Should().ContainSingle().Subject;
        (warning.Guard, warning.Action).Should().Be((guard, action));
        warning.Message.Should().Contain("Likely cause: ");
        switch (action)
        {
            case GuardAction.Warn:
                (summary.Steps, summary.StopReason).Should().Be((20L, null));
                break;
            case GuardAction.Stop:
                summary.Steps.Should().Be(warning.Step);
                summary.StopReason.Should().StartWith($"{guard} guard: ").And.EndWith(warning.Message);
                break;
            default:
                summary.Steps.Should().BeLessThanOrEqualTo(warning.Step);
                summary.StopReason.Should().StartWith($"{guard} guard, back to the weights of step {summary.Steps}: ");
                using (PretrainedModel returned = trained.AsModel())
                    AreNumbers(returned).Should().BeTrue();
                break;
        }
    }

    private DpoTrainer.Options Options(PretrainedModel model, TrainingGuard guard, GuardAction action)
    {
        GuardAction Of(TrainingGuard other) => other == guard ? action : GuardAction.Off;
        return new()
        {
            Model = model, LogInterval = 2, Epochs = 2, Reduction = LogProbReduction.Sum, Beta = 0.5,
            LearningRate = guard switch
            {
                TrainingGuard.NoLearning => 1e-9,
                TrainingGuard.NonFinite => 1e30,
                _ => 0.02,
            },
            Validation = guard == TrainingGuard.LengthDrift ? new() { Data = SmallModel.Pairs(_context, 4, seed: 9), EverySteps = 2, SampleTokens = 40 } : null,
            Guards = new()
            {
                NoLearning = Of(TrainingGuard.NoLearning), ChosenCollapse = Of(TrainingGuard.ChosenCollapse),
                MarginExplosion = Of(TrainingGuard.MarginExplosion),
                NonFinite = Of(TrainingGuard.NonFinite), LengthDrift = Of(TrainingGuard.LengthDrift), EasyPairs = Of(TrainingGuard.EasyPairs),
                // limits that this run passes
                MaxChosenDrop = 1e-3, MaxMargin = 0.5, MaxLengthRatio = 1.2, MaxReferenceAccuracy = 0.01, RollBackSteps = 2,
            },
        };
    }

    private static bool AreNumbers(PretrainedModel model) => model.Network.Network.parameters().All(parameter => parameter.data<float>().All(float.IsFinite));
}
