using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class ScoreCommandTests(TrainedRuns runs)
{
    [Fact]
    public void Score_Text_IsARowAPair()
    {
        ToolRun run = ToolRun.Of("score", runs.Measured, "--model", Path.Combine(runs.First, "model.zip"));

        run.Exit.Should().Be(0, run.Errors);
        run.Lines.Should().HaveCount(13);
        run.Lines[0].Should().MatchRegex("^line +chosen log prob +rejected log prob +log prob margin +chosen reward +rejected reward +reward margin$");
        run.Lines[12].Should().MatchRegex("^ *12( +-?[0-9]+[.][0-9]{4}){6}$");
    }

    [Fact]
    public void Score_ToAFile_HasTheSameNumbersAsTheRun()
    {
        using TemporaryFolder folder = new();

        ToolRun run = ToolRun.Of("score", runs.Measured, "--model", Path.Combine(runs.First, "model.zip"), "--output", folder.File("scores.jsonl"));

        run.Output.Should().Be($"12 rows in {folder.File("scores.jsonl")}\n");
        JsonNode[] written = [.. File.ReadLines(folder.File("scores.jsonl")).Select(line => JsonNode.Parse(line)!)],
            kept = [.. File.ReadLines(Path.Combine(runs.First, "held-out.jsonl")).Skip(1).Select(line => JsonNode.Parse(line)!)];
        written.Select(row => Math.Round(row["chosen_log_prob"]!.GetValue<double>(), 4)).Should()
            .Equal(kept.Select(row => Math.Round(row["chosen_log_prob"]!.GetValue<double>(), 4)));
    }
}
