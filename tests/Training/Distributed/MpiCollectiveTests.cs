using System.Text.Json;
using MiniMind.MLNet.Dpo.MpiProbe;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>Every collective under a real mpirun; the two libraries' tests run beside each other.</summary>
public abstract class MpiCollectiveTests(string flavour, string libraryName)
{
    [SkippableTheory]
    [InlineData(2, "collectives")]
    [InlineData(3, "collectives-chunked")]
    [InlineData(4, "collectives")]
    public async Task Collectives_UnderMpirun_GiveEveryRankTheSameRightResult(int ranks, string scenario)
    {
        MpiRun run = await MpiLauncher.Run(flavour, ranks, scenario, timeoutSeconds: 30);

        run.ExitCode.Should().Be(0, run.Error);
        CollectiveReport[] reports = JsonSerializer.Deserialize<CollectiveReport[]>(run.Output[run.Output.IndexOf("[{", StringComparison.Ordinal)..])!;
        reports.Select(report => report.Rank).Should().Equal(Enumerable.Range(0, ranks));
        foreach (CollectiveReport report in reports)
        {
            report.Size.Should().Be(ranks);
            report.Library.Should().StartWith(libraryName);
            report.SumError.Should().Be(0, "the summands are whole numbers");
            report.ViewError.Should().Be(0);
            report.ChunksError.Should().Be(0);
            report.SumsIdentical.Should().BeTrue("replicas that round differently drift apart");
            report.CompletedUnattended.Should().BeTrue("a sum must proceed beside the backward pass");
            report.LiveTensors.Should().Be(0);
            report.Doubles.Should().Equal(ranks * ranks / 2.0, ranks - 0.5, 0.5);
            report.Integers.Should().Equal(((long)ranks << 40) + (ranks * (ranks - 1) / 2), (1L << 40) + ranks - 1, 1L << 40);
            report.TensorsArrived.Should().BeTrue();
            report.BytesArrived.Should().BeTrue();
            report.BlockLengths.Should().Equal(Enumerable.Range(0, ranks).Select(rank => rank * 777));
            report.BlocksRight.Should().BeTrue();
            report.EqualWeights.Should().BeNull();
            report.UnequalWeights.Should().StartWith("The ranks hold different weights: 'second' (tensor 2 of 2)").And.Contain($"on rank {ranks - 1}.");
        }
    }
}
