using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class ForecastCommandTests(TrainedRuns runs)
{
    [Fact]
    public void Forecast_OfARun_TellsMemoryTimeAndRates()
    {
        ToolRun run = ToolRun.Of(
            "forecast", "--data", runs.Pairs, "--model", TestFiles.Model, "--preparation.max-length", "48", "--epochs", "40",
            "--learning-rate-search.steps", "8", "--learning-rate-search.max-trials", "2", "--learning-rate-search.held-out-pairs", "4");

        run.Exit.Should().Be(0, run.Errors);
        run.Lines[0].Should().Be("1,017,216 parameters trained in 200 steps");
        run.Output.Should().MatchRegex("time    [0-9 a-z]+, by the speed of the first [0-9]+ steps").And.MatchRegex("memory  [0-9]+ MiB at most")
            .And.MatchRegex("weights +[0-9]+ MiB").And.Contain("rate    ");
        run.Errors.Should().NotContain("stopped after step");
    }

    [Fact]
    public void Forecast_Json_HasNumbers()
    {
        ToolRun run = ToolRun.Of("forecast", "--data", runs.Pairs, "--model", TestFiles.Model, "--rate", "false", "--epochs", "9", "--json");

        run.EventsOf("forecast").Single()["peak_bytes"]!.GetValue<long>().Should().BeGreaterThan(1 << 20);
        run.EventsOf("forecast").Single()["steps"]!.GetValue<long>().Should().Be(45);
        run.EventsOf("rate").Should().BeEmpty();
    }

    [Fact]
    public void Forecast_FileOfATrain_IsTakenAndNothingIsKept()
    {
        using TemporaryFolder folder = new();
        string config = folder.Write("run.yaml", File.ReadAllText(Path.Combine(runs.First, "config.yaml"))
            .Replace(runs.First, folder.File("run"), StringComparison.Ordinal));

        ToolRun run = ToolRun.Of("forecast", "--config", config, "--rate", "false", "--epochs", "3");

        run.Exit.Should().Be(0, run.Errors);
        run.Lines[0].Should().Be("1,017,216 parameters trained in 15 steps");
        Directory.Exists(folder.File("run")).Should().BeFalse();
    }
}
