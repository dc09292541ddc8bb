using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;
using Spectre.Console;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class ChatCommandTests(TrainedRuns runs)
{
    [Fact]
    public async Task Chat_TypedLines_AreAnsweredAndCompared()
    {
        string[] command =
            ["chat", "--model", Path.Combine(runs.First, "model"), "--reference-model", TestFiles.Model, "--temperature", "0", "--max-new-tokens", "8"];
        using PretrainedModel reference = PretrainedModel.Load(TestFiles.Model);
        using IChatClient client = reference.AsChatClient();
        string expected = (await client.GetResponseAsync("Hello.", new ChatOptions { Temperature = 0, MaxOutputTokens = 8 })).Text;

        ToolRun run = ToolRun.Of("/reference\nHello.\n/reference\n/nonsense\n/reset\n/reference\n/exit\nnever read\n", command);

        run.Exit.Should().Be(0, run.Errors);
        run.Lines[0].Should().Be("model; /reference shows both answers, /reset begins anew, /exit ends");
        run.Lines.Should().ContainInOrder("> nothing was asked yet", "> model:", "reference:", expected.TrimStart(), "(cut: max-new-tokens)",
            "> /nonsense is no command; /reference shows both answers, /reset begins anew, /exit ends", "> begun anew", "> nothing was asked yet");
        run.Output.Should().NotContain("never read");
    }

    [Fact]
    public void Chat_Prompt_AnswersOnce()
    {
        ToolRun run = ToolRun.Of(
            "chat", "--model", Path.Combine(runs.Second, "adapter"), "--base-model", TestFiles.Model, "--prompt", "Hello.", "--max-new-tokens", "4",
            "--seed", "1", "--json");

        run.Exit.Should().Be(0, run.Errors);
        run.EventsOf("answer").Single()["finish_reason"]!.GetValue<string>().Should().Be("length");
    }

    [Fact]
    public void Chat_WithoutReference_SaysHowToNameOne() =>
        ToolRun.Of("/reference\n", ["chat", "--model", TestFiles.Model]).Output.Should().Contain("there is no reference; --reference-model MODEL names one");

    [Fact]
    public void Chat_PrintedConfig_LeavesToTheModelWhatIsNotSet() =>
        ToolRun.Of("chat", "--print-config", "--top-k", "5").Output.Should().Contain("\ntop-k: 5\n")
            .And.Contain("# temperature: 0.85 # unless the model's generation_config.json says otherwise\n");

    [Fact]
    public async Task Say_AnswerWithCommands_ShowsThem()
    {
        StringWriter output = new();
        ToolConsole console = new(output, output, TextReader.Null, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }));
        using ChatTalk talk = new(new Commanding(), null, null, console);

        await talk.SayAsync("Hello.", CancellationToken.None);

        output.ToString().Should().Be("""red \u001b[31mtext\u001b[0m\u0007\u000d""" + Environment.NewLine);
    }

    private sealed class Commanding : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            foreach (string piece in new[] { "red \u001b", "[31mtext\u001b[0m", "\u0007\r" })
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
