using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Forecast;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Passes;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>What a run on feedback is told to take, with the prompts with answers to other prompts that its baseline needs.</summary>
public sealed class FeedbackForecastTests
{
    private const int Count = 10;
    private static readonly IReadOnlyList<FeedbackExample> s_rows = FeedbackRows.Make(Count, 512, seed: 9);

    [Theory]
    [InlineData(nameof(BatchShape.Packed))]
    [InlineData(nameof(BatchShape.PaddedToLongest))]
    [InlineData(nameof(BatchShape.PaddedToMaximum))]
    public void Demand_OfAStep_IsWhatItRuns(string shape)
    {
        BaselineEstimate estimate = Estimate(Enum.Parse<BatchShape>(shape), new SingleProcess());
        int[] group = [7, 2, 9, 0, 4];

        ForwardDemand demand = estimate.Demand(group);

        demand.PassRows.Should().HaveCount(3, "passes have two rows");
        demand.PassRows.Should().Equal(Enumerable.Range(0, 3).Select(pass => (long)estimate.Build(group, pass).InputIds.Length));
        demand.Tokens.Should().Be(MismatchedRows.Of(s_rows, group, Longest).Sum(row => (long)row.InputIds.Length)).And.BePositive();
        demand.WorkRows.Should().Be(demand.PassRows.Sum() / 2);
    }

    [Fact]
    public void Demand_OfTwoProcesses_IsEachOnesPart()
    {
        int[] group = [.. Enumerable.Range(0, Count)];
        long whole = Estimate(BatchShape.Packed, new SingleProcess()).Demand(group).PassRows.Sum();

        ForwardDemand[] ranks = SharedMemory.Run(2, communicator => Estimate(BatchShape.Packed, communicator).Demand(group));

        ranks.Sum(demand => demand.PassRows.Sum()).Should().Be(whole);
        ranks.Should().OnlyContain(demand => demand.PassRows.Sum() < whole && demand.Tokens == ranks[0].Tokens);
    }

    [Fact]
    public void Of_ARun_AddsTheForwardPassesOfEveryStep()
    {
        (RunDemand with, ITrainingTask task, StepPlan plan) = Demand(hasBaseline: true);
        RunDemand without = Demand(hasBaseline: false).Demand;
        ForwardDemand[] steps = [.. Enumerable.Range(0, (int)plan.TotalSteps).Select(step => task.ForwardsBefore(plan.Group(step)))];

        with.Tokens.Should().Be(without.Tokens + steps.Sum(step => step.Tokens)).And.BeGreaterThan(without.Tokens);
        with.Rows.Should().Be(without.Rows + steps.Sum(step => step.WorkRows));
        without.LargestForward.Should().BeNull();
        task.BuildForward(with.LargestForward!.Value.Group, with.LargestForward.Value.Pass).InputIds.Length.Should()
            .Be((int)steps.SelectMany(step => step.PassRows).Max());
    }

    [Fact]
    public void Fit_WithForecast_TellsMoreWorkWhereThereIsABaseline()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        TrainingForecast Forecast(KtoLoss loss)
        {
            List<TrainingForecast> forecasts = [];
            using KtoTransformer trained = new KtoTrainer(context, new()
            {
                Model = model, Loss = loss, BatchSize = 4, Forecast = new Forecasts(forecasts.Add), Guards = GuardOptions.None, ConsoleWarnings = false,
            }).Fit(FeedbackRows.Prepared(context, 40));
            forecasts.Should().HaveCount(2);
            forecasts[1].Remaining.Should().BePositive();
            return forecasts[0];
        }

        TrainingForecast kto = Forecast(KtoLoss.Kto), apo = Forecast(KtoLoss.ApoZeroUnpaired);

        kto.Tokens.Should().BeInRange(apo.Tokens * 3 / 2, apo.Tokens * 5 / 2, "each answer runs once more, behind another prompt");
        kto.PassBytes.Should().BeGreaterThanOrEqualTo(apo.PassBytes);
    }

    private static int Longest => s_rows.Max(row => row.Response.NeededLength);

    private static (RunDemand Demand, ITrainingTask Task, StepPlan Plan) Demand(bool hasBaseline)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        FeedbackTask task = new(network, network, s_rows, new FeedbackObjective(hasBaseline, 0.1, 1, 1), Options(BatchShape.Packed),
            Estimate(BatchShape.Packed, new SingleProcess()));
        StepPlan plan = new(task, new LoopOptions { BatchSize = 4, Epochs = 2, LearningRate = 1 });
        return (RunDemand.Of(task, plan, finished: 0), task, plan);
    }

    private static BaselineEstimate Estimate(BatchShape shape, ICommunicator communicator) =>
        new(s_rows, Options(shape), part => [.. Enumerable.Range(0, part.Count).Chunk(2)], communicator, new ForwardPasses());

    private static BatchOptions Options(BatchShape shape) =>
        new(shape, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: false, ScalarType.Float32, long.MaxValue);

    private sealed class Forecasts(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }
}
