using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class ReportCommandTests(TrainedRuns runs) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Report_OfARun_IsInItsFolder()
    {
        string run = Copied(), page = Path.Combine(run, "report.html");

        ToolRun report = ToolRun.Of("report", run);

        report.Exit.Should().Be(ExitCodes.Done, report.Errors);
        report.Lines.Should().ContainSingle().Which.Should().StartWith($"wrote {page} (").And.EndWith(" KiB)");
        File.ReadAllText(page).Should().StartWith("<!DOCTYPE html>").And.Contain("Held-out figures").And.Contain("LearningRate").And.EndWith("</html>\n");
    }

    [Fact]
    public void Report_WithOutput_IsThereAlone()
    {
        string run = Copied(), page = _folder.File("page.html");

        ToolRun report = ToolRun.Of("report", run, "--output", page, "--json");

        report.Exit.Should().Be(ExitCodes.Done, report.Errors);
        JsonObject written = report.EventsOf("report").Single();
        written["path"]!.GetValue<string>().Should().Be(page);
        written["bytes"]!.GetValue<long>().Should().Be(new FileInfo(page).Length).And.BeGreaterThan(1000);
        File.Exists(Path.Combine(run, "report.html")).Should().BeFalse();
    }

    [Fact]
    public void Report_NoRunOrNoPlace_IsTwo()
    {
        File.WriteAllText(_folder.File("run.json"), "{");
        foreach ((string[] arguments, string message) in new (string[], string)[]
        {
            ([_folder.File("nowhere")], "There is no folder '"),
            ([TestFiles.Model], "is no run folder: it has no run.json"),
            ([_folder.Path], "run.json is damaged"),
            ([runs.First, "--output", _folder.Path], "a folder; it must name a file, such as"),
            ([runs.First, "--output", _folder.File("nowhere/report.html")], "but there is no folder '"),
        })
        {
            ToolRun report = ToolRun.Of(["report", .. arguments]);

            report.Exit.Should().Be(ExitCodes.BadInput, message);
            report.Errors.Should().Contain(message);
        }
    }

    private string Copied()
    {
        string run = Directory.CreateDirectory(_folder.File("run")).FullName;
        foreach (string name in new[] { "run.json", "metrics.jsonl" })
            File.Copy(Path.Combine(runs.First, name), Path.Combine(run, name));
        return run;
    }
}
