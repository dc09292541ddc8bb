using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class DiagnoseCommandTests(TrainedRuns runs)
{
    [Fact]
    public void Diagnose_Twice_FindsTheLeak()
    {
        ToolRun run = ToolRun.Of("diagnose", runs.Pairs, "--held-out", runs.Pairs);

        run.Exit.Should().Be(0, run.Errors);
        run.Lines[0].Should().StartWith("20 pairs, ");
        run.Output.Should().Contain("held-out").And.Contain("Without --model: what is cut, and what the model prefers already, was not looked at.");
    }

    [Fact]
    public void Diagnose_WithModel_SaysWhatItPrefers()
    {
        ToolRun run = ToolRun.Of("diagnose", runs.Pairs, "--model", TestFiles.Model, "--preparation.max-length", "40", "--scored-pairs", "4");

        run.Output.Should().Contain("cut at 40 tokens").And.Contain("pairs scored it prefers the chosen answer");
    }

    [Fact]
    public void Diagnose_Json_HasFindings()
    {
        ToolRun run = ToolRun.Of("diagnose", runs.Pairs, "--held-out", runs.Pairs, "--json");

        run.EventsOf("finding").Should().Contain(finding => finding["kind"]!.GetValue<string>() == "prompt-leak"
            && finding["count"]!.GetValue<long>() == 20);
        run.EventsOf("diagnosis").Single()["pairs"]!.GetValue<long>().Should().Be(20);
    }

    [Fact]
    public void Diagnose_NoData_IsTwo() => ToolRun.Of("diagnose").Should()
        .BeEquivalentTo(new { Exit = 2, Errors = "--data FILE says which data; none is named.\n" });
}
