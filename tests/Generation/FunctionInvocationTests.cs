using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary><c>UseFunctionInvocation</c> around the chat client, with a model whose answers are written down, in a process with that package.</summary>
public sealed class FunctionInvocationTests : IDisposable
{
    private const string Call = "<tool_call>\n{\"name\": \"price\", \"arguments\": {\"bread\": \"rye\"}}\n</tool_call>";
    private const string Opening = "<tool_call>\n{\"name\": \"opening\", \"arguments\": {}}\n</tool_call>";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Invocation_OfTwoCallsAtOnce_AnswersWithWhatTheyGave()
    {
        Answer answer = Ask($"I look.\n{Call}\n{Opening}", "Four euros, from six.");

        (answer.Text, answer.Finish).Should().Be(($"I look.{Environment.NewLine}Four euros, from six.", "stop"));
        answer.Roles.Should().Equal("assistant", "tool", "assistant");
        answer.Prompts.Should().HaveCount(2);
        answer.Prompts[1].Should().StartWith(answer.Prompts[0] + $"I look.\n{Call}\n{Opening}<|im_end|>\n", "the answer is written as the model wrote it");
        answer.Prompts[1].Should().Contain("<tool_response>\n4\n</tool_response>").And.Contain("<tool_response>\nfrom six\n</tool_response>");
    }

    [Fact]
    public void Invocation_Streamed_IsTheSame()
    {
        Answer answer = Ask(new { IsStreamed = true }, "<think>\nI look.\n</think>\n\n" + Call, "Four euros.");

        (answer.Text, answer.Finish).Should().Be(("Four euros.", "stop"));
        answer.Roles.Should().Equal("assistant", "tool", "assistant");
        answer.Prompts[1].Should().Contain("<think>\nI look.\n</think>\n\n" + Call);
    }

    [Fact]
    public void Invocation_OneCallAtATime_LeavesTheSecondOne()
    {
        Answer answer = Ask(new { AllowMultipleToolCalls = false }, $"{Call}\n{Opening}", "Four euros.");

        answer.Text.Should().Be("Four euros.");
        answer.Prompts[1].Should().Contain(Call).And.NotContain(Opening).And.NotContain("from six");
    }

    [Fact]
    public void Invocation_OfAnUnknownFunction_TellsTheModel()
    {
        Answer answer = Ask(Call.Replace("price", "cost", StringComparison.Ordinal), "I cannot say.");

        answer.Text.Should().Be("I cannot say.");
        answer.Prompts[1].Should().Contain("<tool_response>\nError:");
    }

    [Fact]
    public void Invocation_AtTheLastRound_GoesOnWithoutTools()
    {
        Answer answer = Ask(new { MostRounds = 2, AllowMultipleToolCalls = false }, Call, Call, "Four euros.");

        (answer.Text, answer.Prompts.Length).Should().Be(("Four euros.", 3));
        answer.Prompts[1].Should().StartWith("<|im_start|>system");
        answer.Prompts[2].Should().StartWith("<|im_start|>user");
    }

    [SkippableFact]
    public void Invocation_WithMiniMindsTemplate_IsWrittenAsMiniMindWasTrained()
    {
        Answer answer = Ask(new { TokenizerConfig = TestFiles.Shared("fetched", "minimind-tokenizer", "tokenizer_config.json") }, Call, "Four euros.");

        answer.Text.Should().Be("Four euros.");
        answer.Prompts[0].Should().Contain("<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"price\", \"description\": \"The price of a bread.\"");
        answer.Prompts[1].Should().Contain($"<think>\n\n</think>\n\n{Call}<|im_end|>").And.Contain("<tool_response>\n4\n</tool_response>");
    }

    private Answer Ask(params string[] answers) => Ask(new { }, answers);

    private Answer Ask(object options, params string[] answers)
    {
        Dictionary<string, object?> question = new()
        {
            ["TokenizerFolder"] = SmallModel.TokenizerFolder, ["Answers"] = answers, ["MostRounds"] = 10,
        };
        foreach (PropertyInfo option in options.GetType().GetProperties())
            question[option.Name] = option.GetValue(options);
        string probe = typeof(FunctionInvocationTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "FunctionProbe").Value!;
        string asked = _folder.Write("question.json", JsonSerializer.SerializeToUtf8Bytes(question)), answered = _folder.File("answer.json");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [probe, asked, answered])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, said.Result);
        return JsonSerializer.Deserialize<Answer>(File.ReadAllBytes(answered))!;
    }

    private sealed record Answer(string Text, string? Finish, string[] Roles, string[] Prompts);
}
