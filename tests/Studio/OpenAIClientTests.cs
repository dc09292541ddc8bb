using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Generation;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = OpenAI.Chat.ChatMessage;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>OpenAI's own client.</summary>
public sealed class OpenAIClientTests
{
    private static readonly ChatTool s_price = ChatTool.CreateFunctionTool("price", "The price of a bread.",
        BinaryData.FromString("""{"type":"object","properties":{"bread":{"type":"string"}}}"""));

    [Fact]
    public async Task Chat_StreamedOrNot_IsTheChatClientsOwnAnswer()
    {
        using IChatClient client = TinyModel.Client();
        ChatResponse own = await client.GetResponseAsync([new(ChatRole.System, "Be short."), new(ChatRole.User, "Hello?")]);
        await using ChatHost host = await ChatHost.StartAsync(client);
        ChatMessage[] messages = [new SystemChatMessage("Be short."), new UserChatMessage("Hello?")];

        ChatCompletion whole = await Client(host).CompleteChatAsync(messages);
        List<StreamingChatCompletionUpdate> pieces = [];
        await foreach (StreamingChatCompletionUpdate piece in Client(host).CompleteChatStreamingAsync(messages))
            pieces.Add(piece);

        own.Text.Trim().Should().NotBeEmpty();
        whole.Content.Single().Text.Should().Be(own.Text);
        whole.FinishReason.Should().Be(OpenAI.Chat.ChatFinishReason.Length);
        (whole.Usage.InputTokenCount, whole.Usage.OutputTokenCount).Should().Be(((int)own.Usage!.InputTokenCount!, (int)own.Usage.OutputTokenCount!));
        string.Concat(pieces.SelectMany(piece => piece.ContentUpdate).Select(part => part.Text)).Should().Be(own.Text);
        pieces.Single(piece => piece.FinishReason is not null).FinishReason.Should().Be(OpenAI.Chat.ChatFinishReason.Length);
        pieces.Single(piece => piece.Usage is not null).Usage.TotalTokenCount.Should().Be(whole.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Chat_WithOptions_ActsByThem()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);
        ChatCompletionOptions Options(long seed) => new()
        {
            Temperature = 1.5f, TopP = 0.9f, FrequencyPenalty = 0.5f, PresencePenalty = 0.5f, Seed = seed, MaxOutputTokenCount = 12,
            IncludeLogProbabilities = true, TopLogProbabilityCount = 2, EndUserId = "someone", AllowParallelToolCalls = null,
        };

        ChatCompletion one = await Client(host).CompleteChatAsync([new UserChatMessage("Hello?")], Options(3));
        ChatCompletion same = await Client(host).CompleteChatAsync([new UserChatMessage("Hello?")], Options(3));
        ChatCompletion other = await Client(host).CompleteChatAsync([new UserChatMessage("Hello?")], Options(4));
        string stop = one.Content[0].Text.Substring(3, 2);
        ChatCompletionOptions stopping = Options(3);
        stopping.StopSequences.Add(stop);
        ChatCompletion stopped = await Client(host).CompleteChatAsync([new UserChatMessage("Hello?")], stopping);

        same.Content[0].Text.Should().Be(one.Content[0].Text).And.NotBe(other.Content[0].Text);
        one.Usage.OutputTokenCount.Should().BeLessThanOrEqualTo(12);
        one.ContentTokenLogProbabilities.Should().NotBeEmpty().And.AllSatisfy(token => token.TopLogProbabilities.Should().HaveCount(2));
        Encoding.UTF8.GetString([.. one.ContentTokenLogProbabilities.SelectMany(token => token.Utf8Bytes!.Value.ToArray())]).Should().Be(one.Content[0].Text);
        stopped.Content[0].Text.Should().Be(one.Content[0].Text[..one.Content[0].Text.IndexOf(stop, StringComparison.Ordinal)]);
        stopped.FinishReason.Should().Be(OpenAI.Chat.ChatFinishReason.Stop);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_WithTools_CallsAndReadsTheResult(bool streams)
    {
        TurnsModel model = new("""
            Let me look.
            <tool_call>
            {"name": "price", "arguments": {"bread": "rye"}}
            </tool_call>
            """, "It costs four.");
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 200 }, ToolTemplates.Hermes);
        await using ChatHost host = await ChatHost.StartAsync(client);
        List<ChatMessage> messages = [new UserChatMessage("What does rye cost?")];
        ChatCompletionOptions options = new() { Tools = { s_price }, ToolChoice = ChatToolChoice.CreateAutoChoice() };

        (string text, string id, string name, string arguments, OpenAI.Chat.ChatFinishReason finish) = streams
            ? await StreamedCallAsync(Client(host), messages, options) : Call(await Client(host).CompleteChatAsync(messages, options));

        (text, name, arguments, finish).Should().Be(("Let me look.", "price", """{"bread":"rye"}""", OpenAI.Chat.ChatFinishReason.ToolCalls));
        messages.Add(new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments))]) { Content = { text } });
        messages.Add(new ToolChatMessage(id, "4"));
        ChatCompletion last = await Client(host).CompleteChatAsync(messages, options);
        last.Content[0].Text.Should().Be("It costs four.");
        last.FinishReason.Should().Be(OpenAI.Chat.ChatFinishReason.Stop);
        model.Prompts[1].Should().Contain("{\"name\": \"price\", \"arguments\": {\"bread\": \"rye\"}}").And.Contain("<tool_response>\n4\n</tool_response>");
    }

    [Fact]
    public async Task Chat_WithReasoning_HasItInAFieldOfItsOwn()
    {
        TurnsModel model = new("<think>\nRye, then.\n</think>\n\nIt costs four.");
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 200 }, ToolTemplates.Hermes);
        await using ChatHost host = await ChatHost.StartAsync(client);

        ClientResult<ChatCompletion> result = await Client(host).CompleteChatAsync([new UserChatMessage("What does rye cost?")]);

        result.Value.Content[0].Text.Should().Be("It costs four.");
        result.GetRawResponse().Content.ToString().Should().Contain("\"reasoning_content\":\"Rye, then.\"");
    }

    [Fact]
    public async Task Errors_OfAllKinds_AreThrownWithTheirStatus()
    {
        await using ChatHost host = await ChatHost.StartAsync(new ScriptedClient(new TextContent("x")), new ChatEndpointOptions { ApiKeys = ["sk-right"] });
        async Task Fails(ChatClient client, ChatCompletionOptions options, int status, string code)
        {
            Func<Task> ask = () => client.CompleteChatAsync([new UserChatMessage("Hello?")], options);
            ClientResultException fault = (await ask.Should().ThrowAsync<ClientResultException>()).Which;
            (fault.Status, fault.Message.Contains(code)).Should().Be((status, true), fault.Message);
        }

        await Fails(Client(host, "tiny", "sk-wrong"), new ChatCompletionOptions(), 401, "invalid_api_key");
        await Fails(Client(host, "gpt-4o", "sk-right"), new ChatCompletionOptions(), 404, "model_not_found");
        await Fails(Client(host, "tiny", "sk-right"), new ChatCompletionOptions { Temperature = 3 }, 400, "decimal_above_max_value");
        await Fails(Client(host, "tiny", "sk-right"), new ChatCompletionOptions { ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat() },
            400, "response_format");
        await Fails(Client(host, "tiny", "sk-right"), new ChatCompletionOptions { Tools = { s_price }, ToolChoice = ChatToolChoice.CreateRequiredChoice() },
            400, "tool_choice");
        await Client(host, "tiny", "sk-right").CompleteChatAsync([new UserChatMessage("Hello?")], new ChatCompletionOptions());
    }

    [Fact]
    public async Task Fault_WithinAStream_LeavesNoFinishReason()
    {
        ScriptedClient client = new(new TextContent("x"), new TextContent("y"))
        {
            Before = (place, _) => place == 1 ? Task.FromException(new InvalidOperationException()) : Task.CompletedTask,
        };
        await using ChatHost host = await ChatHost.StartAsync(client);
        List<StreamingChatCompletionUpdate> pieces = [];

        Func<Task> read = async () =>
        {
            await foreach (StreamingChatCompletionUpdate piece in Client(host).CompleteChatStreamingAsync([new UserChatMessage("Hello?")]))
                pieces.Add(piece);
        };

        await read.Should().ThrowAsync<Exception>();
        pieces.Should().OnlyContain(piece => piece.FinishReason == null);
    }

    [Fact]
    public async Task Models_AreListed()
    {
        Dictionary<string, IChatClient> served = new() { ["a"] = new ScriptedClient(), ["b/c"] = new ScriptedClient() };
        await using ChatHost host = await ChatHost.StartAsync(served);
        OpenAI.Models.OpenAIModelClient models = new OpenAIClient(new ApiKeyCredential("none"), Options(host)).GetOpenAIModelClient();

        (await models.GetModelsAsync()).Value.Select(model => model.Id).Should().Equal("a", "b/c");
        (await models.GetModelAsync("b/c")).Value.Id.Should().Be("b/c");
    }

    private static (string Text, string Id, string Name, string Arguments, OpenAI.Chat.ChatFinishReason Finish) Call(ChatCompletion completion)
    {
        ChatToolCall call = completion.ToolCalls.Single();
        return (completion.Content[0].Text, call.Id, call.FunctionName, call.FunctionArguments.ToString(), completion.FinishReason);
    }

    private static async Task<(string Text, string Id, string Name, string Arguments, OpenAI.Chat.ChatFinishReason Finish)> StreamedCallAsync(
        ChatClient client, IReadOnlyList<ChatMessage> messages, ChatCompletionOptions options)
    {
        (string text, string id, string name, string arguments, OpenAI.Chat.ChatFinishReason? finish) = ("", "", "", "", null);
        await foreach (StreamingChatCompletionUpdate piece in client.CompleteChatStreamingAsync(messages, options))
        {
            text += string.Concat(piece.ContentUpdate.Select(part => part.Text));
            foreach (StreamingChatToolCallUpdate call in piece.ToolCallUpdates)
            {
                call.Index.Should().Be(0);
                (id, name, arguments) = (id + call.ToolCallId, name + call.FunctionName, arguments + call.FunctionArgumentsUpdate);
            }
            finish ??= piece.FinishReason;
        }
        return (text, id, name, arguments, finish!.Value);
    }

    private static ChatClient Client(ChatHost host, string? model = null, string key = "none") =>
        new(model ?? host.Models[0], new ApiKeyCredential(key), Options(host));

    private static OpenAIClientOptions Options(ChatHost host) => new() { Endpoint = new Uri(host.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) };
}
