using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;
using Spectre.Console;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class ServeCommandTests(TrainedRuns runs)
{
    private const string Question = """{"model":"MODEL","max_tokens":4,"temperature":0,"messages":[{"role":"user","content":"Is rye sold out?"}]}""";

    [Fact]
    public void Serve_ModelAndAdapter_AnswersByTheirNamesUntilItIsStopped()
    {
        List<string> answers = [];
        string list = "";
        ToolRun run = Serve(
            async (http, address) =>
            {
                list = await http.GetStringAsync($"{address}/models");
                foreach (string model in (string[])["bakery", "baker"])
                {
                    using HttpResponseMessage response = await http.PostAsync($"{address}/chat/completions", Json(Question.Replace("MODEL", model)));
                    response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
                    answers.Add(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("usage").ToString());
                }
            },
            "--model", $"bakery={TestFiles.Model}", "--adapter", $"baker={Path.Combine(runs.Second, "adapter")}", "--together", "2",
            "--max-answer-tokens", "8");

        run.Exit.Should().Be(ExitCodes.Stopped, run.Errors);
        list.Should().Contain("\"bakery\"").And.Contain("\"baker\"");
        answers.Should().HaveCount(2).And.OnlyContain(usage => usage.Contains("\"completion_tokens\":4"));
        run.Lines.Should().ContainInOrder("  bakery  1,017,216 parameters", "  baker   adapter of bakery",
            "Only callers of this machine are answered; --api-key lets others in.", "Ctrl-C ends it.", "Stopped.");
        run.Output.Should().Contain("curl http://127.0.0.1:").And.Contain("\"model\":\"bakery\"");
    }

    [Fact]
    public void Serve_WithAKey_AsksForItAndShowsItNowhere()
    {
        const string Key = "sk-a-secret-of-mine";
        List<HttpStatusCode> statuses = [];
        ToolRun run = Serve(
            async (http, address) =>
            {
                statuses.Add((await http.GetAsync($"{address}/models")).StatusCode);
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
                statuses.Add((await http.GetAsync($"{address}/models")).StatusCode);
            },
            "--model", $"bakery={TestFiles.Model}", "--api-key", Key);

        statuses.Should().Equal(HttpStatusCode.Unauthorized, HttpStatusCode.OK);
        run.Exit.Should().Be(ExitCodes.Stopped);
        (run.Output + run.Errors).Should().Contain("Callers must send a key.").And.Contain($"Bearer ${ServeCommand.KeyVariable}").And.NotContain(Key);
        ToolRun.Of("serve", "--api-key", Key, "--print-config").Output.Should().NotContain(Key);
    }

    [Theory]
    [InlineData("none is named")]
    [InlineData("no such folder", "--model", "a=/no/such/folder")]
    [InlineData("allow-anyone", "--model", "a=MODEL", "--host", "0.0.0.0")]
    [InlineData("takes the place of", "--model", "a=MODEL", "--urls", "http://127.0.0.1:0", "--port", "5")]
    [InlineData("called 'a'", "--model", "a=MODEL", "--model", "a=MODEL")]
    [InlineData("NAME=PATH", "--model", "=MODEL")]
    [InlineData("say which", "--model", "a=MODEL", "--model", "b=MODEL", "--adapter", "c=ADAPTER")]
    [InlineData("no --model is called", "--model", "a=MODEL", "--adapter", "c@x=ADAPTER")]
    [InlineData("MostTogether", "--model", "a=MODEL", "--together", "0")]
    [InlineData("MaxRequestBytes", "--model", "a=MODEL", "--max-request-bytes", "0")]
    public void Serve_WhatCannotBeServed_IsBadInput(string fault, params string[] arguments)
    {
        string[] given = [.. arguments.Select(word => word.Replace("MODEL", TestFiles.Model).Replace("ADAPTER", Path.Combine(runs.Second, "adapter")))];

        ToolRun run = ToolRun.Of(["serve", .. given]);

        run.Exit.Should().Be(ExitCodes.BadInput);
        Words(run.Errors).Should().Contain(Words(fault));
    }

    [Theory]
    [InlineData("a=b", "a", null, "b")]
    [InlineData("a=b=c", "a", null, "b=c")]
    [InlineData("a@x=b", "a", "x", "b")]
    [InlineData("b", null, null, "b")]
    public void Parse_OfANamedPath_TellsNameAndPath(string text, string? name, string? below, string path) =>
        NamedPath.Parse("adapter", text, hasBase: true).Should().Be(new NamedPath(name, below, path));

    [Theory]
    [InlineData("")]
    [InlineData("=b")]
    [InlineData("a=")]
    [InlineData("a@=b")]
    [InlineData("@x=b")]
    public void Parse_OfHalfANamedPath_IsRefused(string text) =>
        FluentActions.Invoking(() => NamedPath.Parse("adapter", text, hasBase: true)).Should().Throw<ArgumentException>().WithMessage("*--adapter*");

    private static string Words(string text) => text.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static ToolRun Serve(Func<HttpClient, string, Task> ask, params string[] arguments)
    {
        using CancellationTokenSource stop = new();
        StringWriter errors = new();
        bool isAsked = false;
        WatchedWriter output = new(text =>
        {
            if (isAsked || !text.Contains("Ctrl-C ends it.", StringComparison.Ordinal))
                return;
            isAsked = true;
            string address = Regex.Match(text, "http://[^/]*/v1").Value;
            using HttpClient http = new();
            Task.Run(() => ask(http, address)).GetAwaiter().GetResult();
            stop.Cancel();
        });
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        ToolConsole console = new(output, errors, TextReader.Null, screen);
        string[] all = ["serve", "--port", 0.ToString(CultureInfo.InvariantCulture), .. arguments];
        return new ToolRun(ToolApplication.RunAsync(all, console, stop.Token).GetAwaiter().GetResult(), output.ToString(), errors.ToString());
    }
}
