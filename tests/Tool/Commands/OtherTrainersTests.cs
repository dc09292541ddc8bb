using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class OtherTrainersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sft_Conversations_AreTrainedAndMeasured()
    {
        string rows = _folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 12).Select(i =>
            $$"""{"prompt": "How much are {{i}} rolls?", "completion": "They are {{i}} euros."}""" + "\n")));

        ToolRun run = Train("sft", rows, "--test-fraction", "0.3");

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().MatchRegex("step [0-9]/[0-9]  0 s left  loss [0-9.]+  rate ").And.NotContain("margin").And.Contain("Held-out conversations")
            .And.MatchRegex("perplexity +[0-9.]+\n");
        File.Exists(Path.Combine(_folder.File("run"), "model", "model.safetensors")).Should().BeTrue();
        File.ReadAllText(Path.Combine(_folder.File("run"), "config.yaml")).Should().StartWith("# dpo sft\n");
    }

    [Fact]
    public void Kto_Feedback_IsTrainedMeasuredAndScored()
    {
        string rows = _folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 16).Select(i =>
            $$"""{"prompt": "How much are {{i}} rolls?", "completion": "They are {{i}} euros.", "label": {{(i % 2 == 0 ? "true" : "false")}}}""" + "\n")));

        ToolRun run = Train("kto", rows, "--held-out", rows, "--save", "zip", "--beta", "0.2");
        string zip = Path.Combine(_folder.File("run"), "model.zip");
        ToolRun scored = ToolRun.Of("score", rows, "--model", zip), evaluated = ToolRun.Of("evaluate", rows, "--model", zip);

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().Contain("Answers measured: 16 (8 good, 8 bad)").And.MatchRegex("good above bad +[0-9.]+ % of all couples");
        scored.Lines.Should().HaveCount(17, scored.Errors);
        scored.Lines[0].Should().MatchRegex("^line +good +log prob +reward$");
        evaluated.Output.Should().Contain("Answers measured: 16 (8 good, 8 bad)");
    }

    private ToolRun Train(string command, string rows, params string[] options) => ToolRun.Of(
    [
        command, "--model", TestFiles.Model, "--data", rows, "--output", _folder.File("run"), "--preparation.max-length", "48",
        "--validation.sample-prompts", "0", "--learning-rate", "1e-4", .. options,
    ]);
}
