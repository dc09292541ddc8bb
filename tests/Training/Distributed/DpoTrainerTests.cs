using MiniMind.MLNet.Dpo.MpiProbe;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class DpoTrainerTests
{
    [Fact]
    public void Fit_ThreeRanks_EqualsOneProcessAndRankZeroAloneReports()
    {
        string tokenizer = Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "model");

        (float[] Weights, List<DpoProgress> Reports)[] ranks = SharedMemory.Run(3, communicator =>
        {
            Reports reports = new();
            return (TrainingScenario.Train(communicator, tokenizer, batchSize: 2, progress: reports), reports.All);
        });
        RankResult one = new(TrainingScenario.Train(null, tokenizer, batchSize: 6), [], 0, null);

        new RankResult(ranks[0].Weights, [], 0, null).DistanceTo(one).Should().BeLessThan(1e-6);
        ranks.Should().AllSatisfy(rank => rank.Weights.Should().Equal(ranks[0].Weights));
        ranks.Select(rank => rank.Reports.Count).Should().Equal(4, 0, 0);
        ranks[0].Reports.Sum(report => report.Point.Examples).Should().Be(2 * 21, "reports count the examples of all ranks");
    }

    [Fact]
    public void Fit_RanksWithOtherOptions_EveryRankSaysWhichDiffer()
    {
        string tokenizer = Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "model");

        string[] errors = SharedMemory.Run(2, communicator =>
        {
            try
            {
                TrainingScenario.Train(communicator, tokenizer, batchSize: 2 + communicator.Rank);
                return "";
            }
            catch (InvalidOperationException error)
            {
                return error.Message;
            }
        });

        errors.Should().AllSatisfy(error => error.Should().Contain("BatchSize is 2 on rank 0 and 3 on rank 1"));
    }

    private sealed class Reports : IProgress<DpoProgress>
    {
        public List<DpoProgress> All { get; } = [];

        public void Report(DpoProgress value) => All.Add(value);
    }
}
