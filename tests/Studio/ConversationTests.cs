using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>What of a request the chat client gets.</summary>
public sealed class ConversationTests
{
    [Fact]
    public async Task Messages_OfAllRoles_ReachTheClientAsTheyAre()
    {
        ScriptedClient client = new(new TextContent("Good day"));
        await using ChatHost host = await ChatHost.StartAsync(client);

        await host.AnswerAsync("""
            {"model":"tiny","messages":[
              {"role":"system","content":"Be short."},
              {"role":"developer","content":"And kind."},
              {"role":"user","content":[{"type":"text","text":"What does "},{"type":"text","text":"rye cost?"}]},
              {"role":"assistant","content":null,"reasoning_content":"I look.","refusal":null,"annotations":[],"tool_calls":[
                {"index":0,"id":"a1","type":"function","function":{"name":"price","arguments":"{\"bread\":\"rye\",\"slices\":null}"}}]},
              {"role":"tool","tool_call_id":"a1","name":"price","content":"4"},
              {"role":"assistant","content":"Four."},
              {"role":"user","content":"Thanks."}]}
            """);

        client.Messages.Select(message => (message.Role.Value, message.Text)).Should().Equal(
            ("system", "Be short."), ("system", "And kind."), ("user", "What does rye cost?"), ("assistant", ""), ("tool", ""), ("assistant", "Four."),
            ("user", "Thanks."));
        client.Messages[3].Contents.OfType<TextReasoningContent>().Single().Text.Should().Be("I look.");
        FunctionCallContent call = client.Messages[3].Contents.OfType<FunctionCallContent>().Single();
        (call.CallId, call.Name).Should().Be(("a1", "price"));
        ((JsonElement)call.Arguments!["bread"]!).GetString().Should().Be("rye");
        call.Arguments["slices"].Should().BeNull();
        FunctionResultContent result = client.Messages[4].Contents.OfType<FunctionResultContent>().Single();
        (result.CallId, result.Result).Should().Be(("a1", (object)"4"));
    }

    [Fact]
    public async Task Options_OfAllKinds_ReachTheClient()
    {
        ScriptedClient client = new(new TextContent("Good day"));
        await using ChatHost host = await ChatHost.StartAsync(client);

        await host.AnswerAsync("""
            {"model":"tiny","messages":[{"role":"user","content":"Hello?"}],"temperature":0.5,"top_p":0.75,"top_k":9,"frequency_penalty":0.25,
             "presence_penalty":-0.25,"seed":-5000000000,"max_completion_tokens":11,"stop":"END","logprobs":true,"top_logprobs":3,
             "chat_template_kwargs":{"enable_thinking":false,"level":2,"name":"x","half":0.5},"open_thinking":true}
            """);

        ChatOptions options = client.Options!;
        (options.Temperature, options.TopP, options.TopK, options.FrequencyPenalty, options.PresencePenalty).Should().Be((0.5f, 0.75f, 9, 0.25f, -0.25f));
        (options.Seed, options.MaxOutputTokens).Should().Be((-5000000000, 11));
        options.StopSequences.Should().Equal("END");
        options.AdditionalProperties.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["enable_thinking"] = false, ["level"] = 2L, ["name"] = "x", ["half"] = 0.5, ["open_thinking"] = true, ["top_logprobs"] = 3,
        });
        options.ToolMode.Should().Be(ChatToolMode.None, "without tools there is no call");
        options.Tools.Should().BeNull();
    }

    [Fact]
    public async Task Options_OfARequestThatSaysNothing_AreTheClientsOwn()
    {
        ScriptedClient client = new(new TextContent("Good day"));
        await using ChatHost host = await ChatHost.StartAsync(client);

        await host.AnswerAsync("""{"model":"tiny","messages":[{"role":"user","content":"Hello?"}]}""");

        ChatOptions options = client.Options!;
        new object?[]
        {
            options.Temperature, options.TopP, options.TopK, options.Seed, options.MaxOutputTokens, options.StopSequences, options.AdditionalProperties,
        }.Should().AllBeEquivalentTo((object?)null);
    }

    [Theory]
    [InlineData("", null, false)]
    [InlineData(""","tool_choice":"auto","parallel_tool_calls":true""", null, false)]
    [InlineData(""","tool_choice":"none""" + "\"", null, true)]
    [InlineData(""","parallel_tool_calls":false""", false, false)]
    public async Task Tools_OfARequest_ReachTheClient(string more, bool? multiple, bool isNone)
    {
        ScriptedClient client = new(new TextContent("Good day"));
        await using ChatHost host = await ChatHost.StartAsync(client);

        await host.AnswerAsync("""
            {"model":"tiny","messages":[{"role":"user","content":"Hello?"}],"tools":[
              {"type":"function","function":{"name":"price","description":"The price of a bread.","strict":false,
                "parameters":{"type":"object","properties":{"bread":{"type":"string"}}}}},
              {"type":"function","function":{"name":"opening"}}]MORE}
            """.Replace("MORE", more));

        AIFunctionDeclaration[] tools = [.. client.Options!.Tools!.Cast<AIFunctionDeclaration>()];
        tools.Select(tool => (tool.Name, tool.Description)).Should().Equal(("price", "The price of a bread."), ("opening", ""));
        tools[0].JsonSchema.ToString().Should().Be("""{"type":"object","properties":{"bread":{"type":"string"}}}""");
        client.Options.AllowMultipleToolCalls.Should().Be(multiple);
        (client.Options.ToolMode is NoneChatToolMode).Should().Be(isNone);
    }
}
