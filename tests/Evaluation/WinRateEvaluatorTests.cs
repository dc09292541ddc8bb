using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using MiniMind.MLNet.Dpo.Tests.Judging;

namespace MiniMind.MLNet.Dpo.Evaluation.Tests;

public sealed class WinRateEvaluatorTests
{
    [Theory]
    [InlineData("a long answer", "short", 1.0, false, EvaluationRating.Good)]
    [InlineData("short", "a long answer", 0.0, true, EvaluationRating.Poor)]
    [InlineData("one", "two", 0.5, false, EvaluationRating.Average)]
    [InlineData("same", "same", 0.5, false, EvaluationRating.Average)]
    public async Task EvaluateAsync_TwoAnswers_IsTheOutcome(string response, string other, double value, bool failed, EvaluationRating rating)
    {
        EvaluationResult result = await Evaluate(StubJudge.LongerWins, response, new ComparedAnswer(other));

        NumericMetric win = result.Get<NumericMetric>(WinRateEvaluator.WinMetricName);
        win.Value.Should().Be(value);
        (win.Interpretation!.Failed, win.Interpretation.Rating).Should().Be((failed, rating));
        win.Context.Should().ContainKey(ComparedAnswer.ContextName);
        result.Get<BooleanMetric>(WinRateEvaluator.FlippedMetricName).Value.Should().Be(response == "one");
    }

    [Fact]
    public async Task EvaluateAsync_ReplyThatSaysNothing_IsNoValueAndSaysWhy()
    {
        EvaluationResult result = await Evaluate(new StubJudge((_, _, _) => "Both."), "a", new ComparedAnswer("b"));

        result.Get<NumericMetric>(WinRateEvaluator.WinMetricName).Value.Should().BeNull();
        result.ContainsDiagnostics(diagnostic => diagnostic.Message.Contains("'Both.'", StringComparison.Ordinal)).Should().BeTrue();
        result.Metrics.Keys.Should().BeEquivalentTo(new WinRateEvaluator().EvaluationMetricNames);
    }

    [Fact]
    public async Task EvaluateAsync_NothingToCompareWith_IsSaid()
    {
        EvaluationResult result = await Evaluate(StubJudge.AlwaysFirst, "a");
        result.ContainsDiagnostics(diagnostic => diagnostic.Severity == EvaluationDiagnosticSeverity.Error
            && diagnostic.Message.Contains("has 0 of ComparedAnswer", StringComparison.Ordinal)).Should().BeTrue();

        Func<Task> noJudge = async () => await new WinRateEvaluator().EvaluateAsync("q", "a");
        await noJudge.Should().ThrowAsync<ArgumentException>().WithMessage("There is no chat configuration*");
    }

    [Fact]
    public async Task EvaluateAsync_Conversation_IsToldByTurns()
    {
        StubJudge judge = StubJudge.AlwaysFirst;
        await new WinRateEvaluator().EvaluateAsync(
            [new ChatMessage(ChatRole.System, "Be short."), new ChatMessage(ChatRole.User, "Hello?")],
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "a")), new ChatConfiguration(judge), [new ComparedAnswer("b")]);

        judge.LastMessages[1].Text.Should().Contain("system: Be short.\n\nuser: Hello?\n[end of request");
    }

    [Fact]
    public void Options_ThatWouldDoNothing_AreRefused()
    {
        Action make = () => new WinRateEvaluator(new WinRateOptions { MaxConcurrency = 4 }).Dispose();
        make.Should().Throw<ArgumentException>().WithMessage("*do nothing in an evaluator*");
    }

    [Fact]
    public async Task EvaluateAsync_CacheFile_ServesTheNextEvaluatorAndOneClient()
    {
        string path = Path.GetTempFileName();
        try
        {
            WinRateOptions options = new() { CacheFile = path, JudgeName = "stub" };
            StubJudge judge = StubJudge.LongerWins;
            for (int i = 0; i < 2; i++)
            {
                using WinRateEvaluator evaluator = new(options);
                await evaluator.EvaluateAsync("q", "longer", new ChatConfiguration(judge), [new ComparedAnswer("b")]);
                Func<Task> other = async () =>
                    await evaluator.EvaluateAsync("q", "x", new ChatConfiguration(StubJudge.AlwaysFirst), [new ComparedAnswer("b")]);
                await other.Should().ThrowAsync<ArgumentException>().WithMessage("*another judge client*");
            }
            judge.Calls.Should().Be(2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Readme_Code_IsWhatRuns()
    {
        StubJudge judge = StubJudge.LongerWins;
        // <readme>
        using WinRateEvaluator evaluator = new();
        EvaluationResult result = await evaluator.EvaluateAsync(
            [new ChatMessage(ChatRole.User, "Why is the sky blue?")],
            new ChatResponse(new ChatMessage(ChatRole.Assistant, "Air scatters blue light more than red.")),
            new ChatConfiguration(judge),
            [new ComparedAnswer("Because of the sea.")]);
        double? win = result.Get<NumericMetric>(WinRateEvaluator.WinMetricName).Value;   // 1, 0.5 or 0; none where it is invalid
        // </readme>
        win.Should().Be(1);

        string[] source = ReadLines("tests", "Evaluation", "WinRateEvaluatorTests.cs");
        IEnumerable<string> code = source.SkipWhile(line => line.Trim() != "// <readme>").Skip(1).TakeWhile(line => line.Trim() != "// </readme>")
            .Select(line => line[8..]);
        string.Join('\n', ReadLines("src", "Evaluation", "README.md")).Should().Contain(string.Join('\n', code));
    }

    private static string[] ReadLines(params string[] path)
    {
        string root = typeof(WinRateEvaluatorTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "RepositoryRoot").Value!;
        return File.ReadAllLines(Path.Combine([root, .. path]));
    }

    private static async Task<EvaluationResult> Evaluate(StubJudge judge, string response, params EvaluationContext[] context) =>
        await new WinRateEvaluator().EvaluateAsync("question", response, new ChatConfiguration(judge), context);
}
