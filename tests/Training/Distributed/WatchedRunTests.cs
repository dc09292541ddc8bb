using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>Evaluations and guards where several processes train together.</summary>
public sealed class WatchedRunTests
{
    [Fact]
    public void Fit_ThreeRanks_EvaluateAsOneProcessAndStopTogether()
    {
        TrainingSummary[] ranks = SharedMemory.Run(3, communicator => Preferences(communicator, batchSize: 2));
        TrainingSummary one = Preferences(null, batchSize: 6);

        ranks.Should().AllSatisfy(rank => Values(rank).Should().Equal(Values(ranks[0]), "ranks decide by the same numbers"));
        ranks.Should().AllSatisfy(rank => (rank.Steps, rank.ReturnedStep, rank.StopReason).Should()
            .Be((ranks[0].Steps, ranks[0].ReturnedStep, ranks[0].StopReason)));
        one.StopReason.Should().Contain("evaluations did not improve");
        (ranks[0].Steps, ranks[0].ReturnedStep).Should().Be((one.Steps, one.ReturnedStep));
        for (int i = 0; i < one.Evaluations.Count; i++)
        {
            ranks[0].Evaluations[i].Examples.Should().Be(7);
            foreach ((string name, double value) in one.Evaluations[i].Metrics)
                ranks[0].Evaluations[i].Metrics[name].Should().BeApproximately(value, 1e-4 * Math.Max(1, Math.Abs(value)), $"{name} of evaluation {i}");
        }
    }

    [Fact]
    public void Fit_ThreeRanks_MeetGuardsTogether()
    {
        TrainingSummary[] ranks = SharedMemory.Run(3, communicator => Supervised(communicator));

        ranks.Should().AllSatisfy(rank => rank.Warnings.Should().Equal(ranks[0].Warnings));
        ranks[0].Warnings.Should().ContainSingle().Which.Guard.Should().Be(TrainingGuard.NonFinite);
        ranks.Should().AllSatisfy(rank => rank.Steps.Should().Be(ranks[0].Steps).And.BeLessThan(7));
        ranks.Should().AllSatisfy(rank => Values(rank).Should().Equal(Values(ranks[0])));
    }

    private static TrainingSummary Preferences(ICommunicator? communicator, int batchSize)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = new DpoTrainer(context, new()
        {
            Model = model, LearningRate = 5e-3, BatchSize = batchSize, Epochs = 4, Threads = 1, LogInterval = 2, Communicator = communicator,
            Validation = new()
            {
                Data = SmallModel.Pairs(context, 7, seed: 9), EverySteps = 2, Patience = 3, Metric = ValidationMetric.KlDivergence,
                KeepBest = true, KlPairs = 5, SamplePrompts = 2, SampleTokens = 4
            },
        }).Fit(SmallModel.Pairs(context, 21));
        return trained.TrainingSummary;
    }

    private static TrainingSummary Supervised(ICommunicator communicator)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView conversations = SmallModel.Pairs(context, 21);
        using SftTransformer trained = new SftTrainer(context, new()
        {
            Model = model, LearningRate = 1e30, BatchSize = 1, Threads = 1, LogInterval = 1, Communicator = communicator,
            InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels", LossMaskColumnName = "ChosenLossMask",
            Validation = new() { Data = SmallModel.Pairs(context, 4, seed: 9), SamplePrompts = 0 },
            Guards = new() { NonFinite = GuardAction.RollBack, RollBackSteps = 1 },
        }).Fit(conversations);
        return trained.TrainingSummary;
    }

    private static IEnumerable<string> Values(TrainingSummary summary) => summary.Evaluations.Select(e => $"{e.Step} {string.Join(", ", e.Metrics)}");
}
