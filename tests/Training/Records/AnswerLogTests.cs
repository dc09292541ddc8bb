using System.Text;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

public sealed class AnswerLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    private string Lines => _folder.File(AnswerLog.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Evaluated_Run_WritesALineEachAndAPage()
    {
        Go(0, 0, 10, 20);

        Steps().Should().Equal(0, 10, 20);
        File.ReadLines(Lines).First().Should().Be(
            "{\"step\":0,\"seconds\":1.5,\"answers\":[{\"prompt\":\"<|im_start|>user\\nHi?\",\"reference\":\"before\",\"policy\":\"after 0\","
            + "\"policy_tokens\":3,\"policy_ended\":true}]}");
        string page = File.ReadAllText(_folder.File(AnswerLog.PageName));
        page.Should().Contain("    <|im_start|>user\n    Hi?\n", "an indented block renders nothing").And.Contain("**Step 20**, 3 tokens\n\n    after 20\n")
            .And.Contain("took 4.5 s");
    }

    [Theory]
    [InlineData(10, new long[] { 0, 10, 20, 30 })] // the evaluation of step 10 is in the checkpoint
    [InlineData(5, new long[] { 0, 20, 30 })]
    [InlineData(0, new long[] { 20, 30 })]
    public void Started_ResumedRun_GoesOnWithoutDoubling(long from, long[] steps)
    {
        Go(0, 0, 10, 20, 30);
        Go(from, 20, 30);

        Steps().Should().Equal(steps);
    }

    [Fact]
    public void Evaluated_StepThatIsThere_ReplacesIt()
    {
        Go(0, 0, 10, 20);
        Go(20, 20, 30); // evaluated anew, since its checkpoint was written before

        Steps().Should().Equal(0, 10, 20, 30);
        File.ReadAllLines(Lines).Should().HaveCount(4);
    }

    [Theory]
    [InlineData("{\"step\":30,\"ans")]
    [InlineData("null\n")]
    [InlineData("{\"step\":15}\n")]
    [InlineData("{\"step\":15,\"answers\":[null]}\n")]
    public void Started_AfterAKill_KeepsWholeLines(string leftBehind)
    {
        Go(0, 0, 10);
        File.AppendAllText(Lines, leftBehind);
        Go(20, 20);

        Steps().Should().Equal(0, 10, 20);
    }

    [Fact]
    public void Evaluated_WhereTheFolderFails_SaysSoOnceAndCatchesUp()
    {
        AnswerLog log = New();
        log.Started(State(0));
        Directory.CreateDirectory(Lines);
        log.Evaluated(State(0), Evaluation(0));
        log.Evaluated(State(10), Evaluation(10));
        _warnings.Should().ContainSingle().Which.Should().Contain("Training goes on");
        Directory.Delete(Lines);
        log.Evaluated(State(20), Evaluation(20));

        Steps().Should().Equal(0, 10, 20);
        Directory.EnumerateFiles(_folder.Path, "*.tmp").Should().BeEmpty();
    }

    [Fact]
    public void Page_AnswerThatStays_IsToldOnce()
    {
        AnswerSample[] samples = [.. Enumerable.Range(0, 30).Select(i => Sample(i * 10, i < 25 ? $"answer {i}" : "the last"))];
        string page = Encoding.UTF8.GetString(AnswerPage.Of(samples));

        page.Should().Contain("6 earlier changes are in `answers.jsonl`").And.Contain("**Step 250**").And.NotContain("**Step 260**")
            .And.Contain("The same until step 290.");
    }

    private static AnswerSample Sample(long step, string policy) =>
        new(step, 1.5, null, [new SampledAnswer("<|im_start|>user\nHi?", "before", policy, 3, true)]);

    private static TrainingState State(long step) => new() { Network = null!, Parameters = null!, Optimizer = null!, Task = null!, Step = step };

    private static ValidationPoint Evaluation(long step) => new(step, 0, new Dictionary<string, double>(), 1, default, default);

    private AnswerLog New() => new(_folder.Path, step => Sample(step, $"after {step}"), _warnings.Add);

    private void Go(long from, params long[] evaluations)
    {
        AnswerLog log = New();
        log.Started(State(from));
        foreach (long step in evaluations)
            log.Evaluated(State(step), Evaluation(step));
    }

    private IEnumerable<long> Steps() => AnswerLog.Read(File.ReadAllBytes(Lines), long.MaxValue, out _).Select(sample => sample.Step);
}
