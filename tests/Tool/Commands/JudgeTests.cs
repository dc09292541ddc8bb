using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

/// <summary><c>dpo evaluate --judge</c>, before judges of every kind.</summary>
[Collection(nameof(RunsAlone))]
public sealed class JudgeTests(TrainedRuns runs) : IDisposable
{
    private const int Prompts = 4, AnswerTokens = 32;
    private const string Key = "sk-a-secret-of-mine";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Judge_OfTheLonger_CountsWhatTheModelsAnswer()
    {
        using StubJudgeServer judge = StubJudgeServer.Saying((first, second) => first.Length > second.Length ? "A" : "B");

        ToolRun run = Evaluate(judge, "--json");

        run.Exit.Should().Be(ExitCodes.Done, run.Errors);
        JsonObject[] judged = run.EventsOf("judged");
        JsonObject counted = run.EventsOf("win_rate").Single();
        judged.Should().HaveCount(Prompts);
        foreach (JsonObject pair in judged)
        {
            int longer = pair["a"]!.GetValue<string>().Length - pair["b"]!.GetValue<string>().Length;
            pair["outcome"]!.GetValue<string>().Should().Be(longer > 0 ? "win" : longer < 0 ? "loss" : "tie");
        }
        foreach (string outcome in new[] { "win", "loss" })
        {
            string name = outcome == "win" ? "wins" : "losses";
            counted[name]!.GetValue<int>().Should().Be(judged.Count(pair => pair["outcome"]!.GetValue<string>() == outcome));
        }
        (counted["wins"]!.GetValue<int>() + counted["losses"]!.GetValue<int>()).Should().BePositive("the second run's rate changed what the model says");
        counted["longer_win_share"]!.GetValue<double>().Should().Be(1);
        Answer(TestFiles.Model, judged[0]["prompt"]!.GetValue<string>()).Should().Be(judged[0]["b"]!.GetValue<string>(), "b is the other model, greedily");
        run.EventsOf("progress")[^1]["done"]!.GetValue<int>().Should().Be(run.EventsOf("progress")[^1]["total"]!.GetValue<int>());
        JsonObject request = judge.Requests[0];
        (request["model"]!.GetValue<string>(), request["temperature"]!.GetValue<double>()).Should().Be(("stub", 0));
        request["max_tokens"]!.GetValue<int>().Should().Be(request["max_completion_tokens"]!.GetValue<int>()).And.Be(1024);
    }

    [Fact]
    public void Judge_AlwaysOfTheFirst_TellsTiesAndFlips()
    {
        using StubJudgeServer judge = StubJudgeServer.Saying((_, _) => "A");

        ToolRun run = Evaluate(judge);

        run.Exit.Should().Be(ExitCodes.Done, run.Errors);
        run.Lines.Should().Contain($"Prompts judged: {Prompts} of {Prompts}").And.Contain($"  wins, ties, losses, invalid  0, {Prompts}, 0, 0")
            .And.Contain("  score                        50.0 %").And.Contain("  share of wins                nothing is decisive")
            .And.Contain("  won by the longer            -").And.Contain("  preferred as shown first     100.0 %");
        run.Output.Should().MatchRegex("flips when swapped +[1-4] [(]100.0 %[)]\n");
        run.Errors.Should().Contain("when they are swapped: it goes by their places");
    }

    [Fact]
    public void Judge_WithBrokenReplies_HasNoneOfThemCounted()
    {
        using StubJudgeServer judge = StubJudgeServer.Broken(
            StubJudgeServer.Completion("Both are fine."), "{\"choices\":[", "[]", StubJudgeServer.Completion("\u001b[2JC"), "<html>no JSON</html>");

        ToolRun run = Evaluate(judge);

        run.Exit.Should().Be(ExitCodes.Failed);
        run.Lines[2..].Should().Contain($"Prompts judged: 0 of {Prompts}").And.Contain($"  wins, ties, losses, invalid  0, 0, 0, {Prompts}")
            .And.Contain("  line 1 is invalid: the reply is no letter A or B: 'Both are fine.'").And.Contain("  and 1 more");
    }

    [Fact]
    public void Judge_ThatFails_IsAskedOnceForEachAndTellsNoKey()
    {
        using StubJudgeServer judge = StubJudgeServer.Failing(500);
        string cache = _folder.File("replies.jsonl");

        ToolRun run = Evaluate(judge, "--judge-key", Key, "--judge-cache", cache, "--json");

        run.Exit.Should().Be(ExitCodes.Failed);
        JsonObject counted = run.EventsOf("win_rate").Single();
        counted["invalid"]!.GetValue<int>().Should().Be(Prompts);
        counted["score"].Should().BeNull("nothing was judged");
        judge.Requests.Should().HaveCount(2 * Prompts, "what fails is not tried again");
        judge.Authorizations.Should().OnlyContain(sent => sent == $"Bearer {Key}");
        run.EventsOf("judged")[0]["fault"]!.GetValue<string>().Should().Contain("500").And.Contain("out of order for Bearer ***");
        (run.Output + run.Errors + File.ReadAllText(cache)).Should().NotContain(Key);
    }

    [Fact]
    public void Judge_KeyOfTheEnvironment_IsSentAndPrintedNowhere()
    {
        using StubJudgeServer judge = StubJudgeServer.Saying((_, _) => "B");
        Environment.SetEnvironmentVariable(EvaluateCommand.KeyVariable, Key);
        try
        {
            ToolRun run = Evaluate(judge, "--limit", "1"), printed = Evaluate(judge, "--judge-key", Key, "--print-config");

            run.Exit.Should().Be(ExitCodes.Done, run.Errors);
            judge.Authorizations.Should().OnlyContain(sent => sent == $"Bearer {Key}").And.HaveCount(2);
            (run.Output + run.Errors + printed.Output).Should().NotContain(Key);
            printed.Output.Should().Contain($"judge: \"{judge.Address}\"").And.Contain("judging:\n");
        }
        finally
        {
            Environment.SetEnvironmentVariable(EvaluateCommand.KeyVariable, null);
        }
    }

    [Fact]
    public void Judge_WithACache_IsNotAskedAgain()
    {
        using StubJudgeServer judge = StubJudgeServer.Saying((first, second) => string.CompareOrdinal(first, second) < 0 ? "A" : "B");
        string cache = _folder.File("replies.jsonl");
        JsonObject first = Evaluate(judge, "--judge-cache", cache, "--json").EventsOf("win_rate").Single();
        int asked = judge.Requests.Count;

        ToolRun again = Evaluate(judge, "--judge-cache", cache, "--json");

        asked.Should().Be(first["replies"]!.GetValue<int>()).And.BePositive();
        judge.Requests.Should().HaveCount(asked);
        JsonObject second = again.EventsOf("win_rate").Single();
        second["cached_replies"]!.GetValue<int>().Should().Be(asked);
        second["wins"]!.GetValue<int>().Should().Be(first["wins"]!.GetValue<int>());
        File.ReadLines(cache).Should().HaveCount(asked);
    }

    [Fact]
    public void Judge_Stopped_Is130()
    {
        using StubJudgeServer judge = StubJudgeServer.Saying((_, _) => "A");

        ToolRun run = ToolRun.Of("", Command(judge.Address), stopAt: "answers and replies");

        run.Exit.Should().Be(ExitCodes.Stopped);
        run.Output.Should().NotContain("Prompts judged");
    }

    [Theory]
    [InlineData("names a judge's models", "--judge-model NAME says which", "--judge", "http://127.0.0.1:1/v1")]
    [InlineData("none to compare with", "--against MODEL says whose", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m")]
    [InlineData("two to compare with", "so give one", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--reference-model", "b")]
    [InlineData("no address", "none of http or https", "--judge", "localhost:1/v1", "--judge-model", "m", "--against", "a")]
    [InlineData("another protocol", "none of http or https", "--judge", "file:///etc/passwd", "--judge-model", "m", "--against", "a")]
    [InlineData("no path", "mostly have http://127.0.0.1:1/v1", "--judge", "http://127.0.0.1:1", "--judge-model", "m", "--against", "a")]
    [InlineData("too long a path", "what stands before /chat/completions",
        "--judge", "http://127.0.0.1:1/v1/chat/completions", "--judge-model", "m", "--against", "a")]
    [InlineData("a key in the open", "sent to another machine unencrypted",
        "--judge", "http://example.com/v1", "--judge-model", "m", "--against", "a", "--judge-key", Key)]
    [InlineData("a key in the address", "goes into --judge-key",
        "--judge", "https://me:sk-a-secret-of-mine@example.com/v1", "--judge-model", "m", "--against", "a")]
    [InlineData("no such key", "characters that no key has",
        "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--judge-key", Key + "\n")]
    [InlineData("options of scores", "'beta' is for scores", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--beta", "0.1")]
    [InlineData("no judge", "'judging' is for a judge", "--judge-cache", "replies.jsonl")]
    [InlineData("a key alone", "--judge-key is for a judge", "--judge-key", Key)]
    [InlineData("no prompt", "--limit is 0", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--limit", "0")]
    [InlineData("no token", "--answer-tokens is 0", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--answer-tokens", "0")]
    [InlineData("no time", "--judge-timeout is", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--judge-timeout", "00:00:00")]
    [InlineData("no request at once", "MaxConcurrency is 0",
        "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a", "--judging.max-concurrency", "0")]
    [InlineData("no such model", "There is no model 'a'", "--judge", "http://127.0.0.1:1/v1", "--judge-model", "m", "--against", "a")]
    public void Judge_WhatCannotBe_IsBadInput(string fault, string message, params string[] options)
    {
        ToolRun run = ToolRun.Of(["evaluate", runs.Measured, "--model", TestFiles.Model, .. options]);

        run.Exit.Should().Be(ExitCodes.BadInput, fault);
        run.Errors.Should().Contain(message).And.NotContain(Key.Trim());
    }

    private static string Answer(string folder, string prompt)
    {
        using PretrainedModel model = PretrainedModel.Load(folder);
        using IChatClient client = model.AsChatClient();
        return client.GetResponseAsync(prompt, new ChatOptions { Temperature = 0, MaxOutputTokens = AnswerTokens }).GetAwaiter().GetResult().Text;
    }

    private ToolRun Evaluate(StubJudgeServer judge, params string[] options) => ToolRun.Of(Command(judge.Address, options));

    private string[] Command(string address, params string[] options) =>
    [
        "evaluate", runs.Measured, "--model", Path.Combine(runs.Second, "adapter"), "--base-model", TestFiles.Model, "--against", TestFiles.Model,
        "--judge", address, "--judge-model", "stub", "--answer-tokens", AnswerTokens.ToString(System.Globalization.CultureInfo.InvariantCulture),
        .. options.Contains("--limit") ? Array.Empty<string>() : ["--limit", Prompts.ToString(System.Globalization.CultureInfo.InvariantCulture)], .. options,
    ];
}
