using MiniMind.MLNet.Dpo.Tool.Runs;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class CompareCommandTests(TrainedRuns runs)
{
    [Fact]
    public void Compare_TwoRuns_ShowsWhatDiffers()
    {
        ToolRun run = ToolRun.Of("compare", runs.First, runs.Second);

        run.Exit.Should().Be(0, run.Errors);
        run.Lines[..3].Should().Equal(
            $"A  {runs.First}  completed, 5 of 5 steps", $"B  {runs.Second}  completed, 5 of 5 steps",
            "rows trained on: the same; weights at the start: the same");
        run.Output.Should().MatchRegex("learning-rate +1e-05 +0.005\n").And.MatchRegex("adapter.rank +- +4\n").And.NotMatchRegex("batch-size")
            .And.MatchRegex("loss +A [▁▂▃▄▅▆▇█]{5} [0-9.]+\n").And.MatchRegex("accuracy +[0-9.]+ % [(][0-9.]+ % to [0-9.]+ %[)] +[0-9.]+ %")
            .And.Contain("Paired, on 12 held-out pairs of both\n").And.MatchRegex("log-prob margin, B - A +[+-][0-9.]+ nats [(].*[)], p [=<] [0-9.]+")
            .And.MatchRegex("only in A [0-9]+, only in B [0-9]+, p [=<] [0-9.]+");
    }

    [Fact]
    public void Compare_WithItself_DiffersInNothing()
    {
        ToolRun run = ToolRun.Of("compare", runs.First, runs.First);

        run.Output.Should().Contain("Options: all are the same").And.Contain("+0.0000 nats (+0.0000 to +0.0000), p = 1.000")
            .And.Contain("only in A 0, only in B 0, p = 1.000");
    }

    [Fact]
    public void Compare_WithoutScores_SaysWhatIsMissing()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(runs.First, "run.json"), folder.File("run.json"));

        ToolRun run = ToolRun.Of("compare", folder.Path, runs.First);

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().Contain($"No paired test: {folder.Path} has no held-out.jsonl");
    }

    [Fact]
    public void Compare_NoRun_IsTwo()
    {
        ToolRun run = ToolRun.Of("compare", TestFiles.Model, runs.First);

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain("is no run: it has no run.json");
    }

    [Fact]
    public void Compare_Json_HasEveryPart()
    {
        ToolRun run = ToolRun.Of("compare", runs.First, runs.Second, "--json");

        run.Events.Select(line => line["event"]!.GetValue<string>()).Should().Equal("options", "curve", "curve", "curve", "held_out", "paired");
        run.EventsOf("paired").Single()["pairs"]!.GetValue<int>().Should().Be(12);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 5, 0.0625)] // 2 / 2^5
    [InlineData(1, 4, 0.375)] // 2 * (1 + 5) / 2^5
    [InlineData(3, 3, 1)]
    [InlineData(10, 0, 0.001953125)]
    public void OfCoin_Counts_IsTheBinomialsTail(int heads, int tails, double chance) =>
        PairedTest.OfCoin(heads, tails).Should().BeApproximately(chance, 1e-12);

    [Fact]
    public void OfSigns_Few_CountsAll()
    {
        PairedTest.OfSigns([1, 2, 3]).Should().Be(0.25, "of the eight sums only 6 and -6 lie as far from 0 as 6");
        PairedTest.OfSigns([1, -1]).Should().Be(1);
    }

    [Fact]
    public void OfSigns_Many_IsNearTheNormalTail()
    {
        double[] differences = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 1.1 : -0.9)];

        PairedTest.OfSigns(differences).Should().BeApproximately(0.0466, 0.01, "their sum of 40 is 1.99 standard deviations of 20.1 from 0");
    }

    [Fact]
    public void Of_RepeatedAndMissingPairs_MatchesEachOnce()
    {
        PairScoreRows first = Rows(("a", 1), ("a", 2), ("b", -1), ("c", 1), ("d", double.NaN)),
            second = Rows(("c", -1), ("a", 3), ("b", 1), ("d", 1), ("e", 1));

        PairedTest test = PairedTest.Of(first, second)!;

        test.Should().BeEquivalentTo(new { Pairs = 3, FirstOnly = 1, SecondOnly = 1 });
        test.Difference.Mean.Should().BeApproximately((2 + 2 - 2) / 3.0, 1e-12);
    }

    private static PairScoreRows Rows(params (string Name, double Margin)[] rows) =>
        new(null, [.. rows.Select((row, line) => new PairScoreRow(row.Name, line, row.Margin, 0, 0, 0))]);
}
