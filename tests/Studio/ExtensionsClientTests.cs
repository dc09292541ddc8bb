using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Generation;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Microsoft.Extensions.AI's client of OpenAI's endpoints: a chat client that asks a chat client.</summary>
public sealed class ExtensionsClientTests
{
    [Fact]
    public async Task Chat_StreamedOrNot_IsTheChatClientsOwnAnswer()
    {
        using IChatClient client = TinyModel.Client();
        await using ChatHost host = await ChatHost.StartAsync(client);
        using IChatClient remote = Client(host);
        ChatMessage[] messages = [new(ChatRole.System, "Be short."), new(ChatRole.User, "Hello?")];
        ChatOptions options = new() { Temperature = 1.2f, Seed = 9, MaxOutputTokens = 15 };

        ChatResponse own = await client.GetResponseAsync(messages, options);
        ChatResponse whole = await remote.GetResponseAsync(messages, options);
        ChatResponse streamed = await remote.GetStreamingResponseAsync(messages, options).ToChatResponseAsync();

        own.Text.Trim().Should().NotBeEmpty();
        foreach (ChatResponse response in new[] { whole, streamed })
        {
            (response.Text, response.FinishReason, response.ModelId).Should().Be((own.Text, own.FinishReason, "tiny"));
            (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount).Should().Be((own.Usage!.InputTokenCount, own.Usage.OutputTokenCount));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_WithTools_GivesCalls(bool streams)
    {
        TurnsModel model = new("""
            <tool_call>
            {"name": "price", "arguments": {"bread": "rye"}}
            </tool_call>
            """, "It costs four.");
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 200 }, ToolTemplates.Hermes);
        await using ChatHost host = await ChatHost.StartAsync(client);
        using IChatClient remote = Client(host);
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create((string bread) => bread == "rye" ? 4 : 3, "price", "The price of a bread.")] };
        List<ChatMessage> messages = [new(ChatRole.User, "What does rye cost?")];

        ChatResponse asked = streams
            ? await remote.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()
            : await remote.GetResponseAsync(messages, options);

        asked.FinishReason.Should().Be(Microsoft.Extensions.AI.ChatFinishReason.ToolCalls);
        FunctionCallContent call = asked.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
        call.Name.Should().Be("price");
        call.Arguments!["bread"]!.ToString().Should().Be("rye");
        messages.AddRange(asked.Messages);
        messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, 4)]));
        (await remote.GetResponseAsync(messages, options)).Text.Should().Be("It costs four.");
    }

    private static IChatClient Client(ChatHost host) => new ChatClient(host.Models[0], new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(host.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) }).AsIChatClient();
}
