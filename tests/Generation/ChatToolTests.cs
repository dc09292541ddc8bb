using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Tools are told to the model by its template, and the calls that it writes are content of their own.</summary>
public sealed class ChatToolTests
{
    private const string Call = "<tool_call>\n{\"name\": \"price\", \"arguments\": {\"bread\": \"rye\"}}\n</tool_call>";

    private static readonly AIFunction s_price = AIFunctionFactory.Create((string bread) => bread == "rye" ? 4 : 3, "price", "The price of a bread.");
    private static readonly AIFunction s_open = AIFunctionFactory.Create(() => "from six", "opening", "When we open.");
    private static readonly GenerationOptions s_long = ScriptedChat.Greedy with { MaxNewTokens = 300 };

    [Fact]
    public async Task Tools_OfARequest_ReachTheTemplateAsTransformersGivesThem()
    {
        TurnsModel model = new("Hello.");
        using IChatClient client = ScriptedChat.Client(model, s_long, ToolTemplates.Hermes);

        await client.GetResponseAsync("Hello?", new ChatOptions { Tools = [s_price, new Declaration()] });

        string system = model.Prompts[0].Split("<|im_end|>")[0]["<|im_start|>system\n".Length..];
        using JsonDocument tools = JsonDocument.Parse(system);
        tools.RootElement.GetArrayLength().Should().Be(2);
        JsonElement first = tools.RootElement[0], function = first.GetProperty("function");
        first.EnumerateObject().Select(property => property.Name).Should().Equal("type", "function");
        first.GetProperty("type").GetString().Should().Be("function");
        function.EnumerateObject().Select(property => property.Name).Should().Equal("name", "description", "parameters");
        (function.GetProperty("name").GetString(), function.GetProperty("description").GetString()).Should().Be(("price", "The price of a bread."));
        function.GetProperty("parameters").GetProperty("properties").GetProperty("bread").GetProperty("type").GetString().Should().Be("string");
        tools.RootElement[1].GetProperty("function").GetProperty("parameters").GetRawText().Replace(" ", "", StringComparison.Ordinal)
            .Should().Be("""{"type":"object","properties":{}}""", "a function without a schema takes nothing");
    }

    [Fact]
    public async Task Response_WithACall_HasItAsContent()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel("I look.\n" + Call), s_long, ToolTemplates.Hermes);

        ChatResponse answer = await client.GetResponseAsync("What does rye cost?", new ChatOptions { Tools = [s_price] });

        (answer.Text, answer.FinishReason).Should().Be(("I look.", ChatFinishReason.ToolCalls));
        FunctionCallContent call = Calls(answer).Single();
        call.Name.Should().Be("price");
        call.Arguments!.Single().Key.Should().Be("bread");
        call.Arguments!["bread"].Should().BeOfType<JsonElement>().Which.GetString().Should().Be("rye");
    }

    [Fact]
    public async Task Stream_WithACall_GivesTheTextAsItComesAndTheCallWhole()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel("I look up the price.\n" + Call), s_long, ToolTemplates.Hermes);

        List<ChatResponseUpdate> updates = await client.Updates(new ChatOptions { Tools = [s_price] });

        AIContent[] contents = [.. updates.SelectMany(update => update.Contents)];
        contents.OfType<TextContent>().Should().HaveCountGreaterThan(2);
        contents[^2].Should().BeOfType<FunctionCallContent>();
        updates[^1].FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        updates.SkipLast(1).Select(update => update.MessageId).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Response_WithAMalformedCall_HasItAsText()
    {
        const string Bad = "<tool_call>\n{\"name\": \"price\", \"arguments\": {\"bread\": rye}}\n</tool_call>";
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Bad), s_long, ToolTemplates.Hermes);

        ChatResponse answer = await client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price] });

        (answer.Text, answer.FinishReason).Should().Be((Bad, ChatFinishReason.Stop));
        Calls(answer).Should().BeEmpty();
    }

    [Theory]
    [InlineData(null, 2)]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task AllowMultipleToolCalls_False_EndsTheAnswerAtTheFirst(bool? multiple, int calls)
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Call + "\n" + Call), s_long, ToolTemplates.Hermes);

        ChatResponse answer = await client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price], AllowMultipleToolCalls = multiple });

        Calls(answer).Should().HaveCount(calls);
        answer.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        answer.Usage!.OutputTokenCount.Should().BeLessThanOrEqualTo(ScriptedChat.Ids(Call).Length * calls + 3, "nothing is made behind the last one");
    }

    [Fact]
    public async Task ToolMode_None_TellsOfNoToolsAndReadsNoCalls()
    {
        TurnsModel model = new(Call);
        using IChatClient client = ScriptedChat.Client(model, s_long, ToolTemplates.Hermes);

        ChatResponse answer = await client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price], ToolMode = ChatToolMode.None });

        model.Prompts[0].Should().NotContain("price");
        (answer.Text, answer.FinishReason).Should().Be((Call, ChatFinishReason.Stop));
    }

    [Fact]
    public async Task Response_WithoutTools_HasTheCallsThatTheModelWrites()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Call), s_long, ToolTemplates.Hermes);

        Calls(await client.GetResponseAsync("What?")).Should().ContainSingle("the system message may have told it of tools");
    }

    [Fact]
    public async Task Response_OfATemplateWithBareCalls_IsACallOnlyWithTools()
    {
        const string Json = """{"name": "price", "parameters": {"bread": "rye"}}""";
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Json, Json, """{"name": "rye", "parameters": {}}"""), s_long, ToolTemplates.Bare);
        ChatOptions tools = new() { Tools = [s_price] };

        Calls(await client.GetResponseAsync("What?", tools)).Single().Name.Should().Be("price");
        (await client.GetResponseAsync("What?")).Text.Should().Be(Json);
        (await client.GetResponseAsync("What?", tools)).Text.Should().Be("""{"name": "rye", "parameters": {}}""", "no tool has this name");
    }

    [Fact]
    public async Task Response_OfATemplateWithLists_HasAllCalls()
    {
        const string Listed = """[TOOL_CALLS] [{"name": "price", "arguments": {"bread": "rye"}}, {"name": "opening", "arguments": {}}]""";
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Listed), s_long, ToolTemplates.List);

        FunctionCallContent[] calls = Calls(await client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price, s_open] }));

        calls.Select(call => call.Name).Should().Equal("price", "opening");
        calls.Select(call => call.CallId).Distinct().Should().HaveCount(2);
    }

    [Fact]
    public async Task StopSequence_ThatClosesCalls_LeavesTheCall()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Call + " and more"), s_long, ToolTemplates.Hermes);

        ChatResponse answer = await client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price], StopSequences = ["</tool_call>"] });

        Calls(answer).Should().ContainSingle();
    }

    [Fact]
    public async Task Response_CutWithinACall_HasWhatThereIsAsText()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Call), s_long, ToolTemplates.Hermes);

        ChatResponse answer = await client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price], MaxOutputTokens = 12 });

        (answer.Text.StartsWith("<tool_call>", StringComparison.Ordinal), answer.FinishReason).Should().Be((true, ChatFinishReason.Length));
    }

    public static TheoryData<string, string> Templates => new()
    {
        { "chatml", "does not tell it of tools" },
        { "forgetful", "writes no calls" },
        { "elements", "<function=" },
    };

    [Theory]
    [MemberData(nameof(Templates))]
    public async Task Tools_OfATemplateThatCannot_AreRefusedByName(string template, string reason)
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(), template: template switch
        {
            "forgetful" => ToolTemplates.Forgetful,
            "elements" => ToolTemplates.Elements,
            _ => ChatTemplate.ChatMl,
        });

        await FluentActions.Awaiting(() => client.GetResponseAsync("What?", new ChatOptions { Tools = [s_price] })).Should()
            .ThrowAsync<NotSupportedException>().WithMessage($"*Tools (price)*{reason}*");
    }

    [Fact]
    public async Task Options_ThatCannotBeHonouredWithTools_AreRefusedByName()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(), template: ToolTemplates.Hermes);
        Func<Task> Ask(ChatOptions options) => () => client.GetResponseAsync("What?", options);

        await Ask(new ChatOptions { Tools = [s_price], ToolMode = ChatToolMode.RequireAny }).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("*ToolMode*");
        await Ask(new ChatOptions { Tools = [s_price], ToolMode = ChatToolMode.RequireSpecific("price") }).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("*ToolMode*");
        await Ask(new ChatOptions { Tools = [s_price, new HostedCodeInterpreterTool()] }).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("*Tools (code_interpreter, which is HostedCodeInterpreterTool)*");
        await Ask(new ChatOptions { Tools = [s_price, s_price] }).Should().ThrowAsync<ArgumentException>().WithMessage("*Tools*'price'*more than once*");
    }

    [Fact]
    public async Task History_WithCallsAndResults_IsWrittenByTheTemplate()
    {
        TurnsModel model = new("Four.");
        using IChatClient client = ScriptedChat.Client(model, s_long, ToolTemplates.Hermes);

        await client.GetResponseAsync([
            new ChatMessage(ChatRole.User, "What?"),
            new ChatMessage(ChatRole.Assistant, [
                new TextContent("I look."), new FunctionCallContent("a", "price", new Dictionary<string, object?> { ["bread"] = "rye" })]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", new { euros = 4, name = "Größe" }), new FunctionResultContent("b", "text")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", JsonSerializer.SerializeToElement("text")), new FunctionResultContent("d", null)])]);

        model.Prompts[0].Should().Contain($"assistant\nI look.\n{Call}<|im_end|>")
            .And.Contain("<tool_response>\n{\"euros\":4,\"name\":\"Größe\"}\n</tool_response>");
        model.Prompts[0].Split("<tool_response>\ntext\n").Should().HaveCount(3, "a text is told without quotes, however it came");
        model.Prompts[0].Should().Contain("<tool_response>\nnull\n");
    }

    [Fact]
    public async Task History_ThatTheTemplateWouldForget_IsRefused()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(), template: ToolTemplates.Forgetful);
        using IChatClient plain = ScriptedChat.Client(new TurnsModel(), template: ChatTemplate.Parse(
            "{% for m in messages if m.role != 'tool' %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"));
        ChatMessage user = new(ChatRole.User, "What?"), call = new(ChatRole.Assistant, [new FunctionCallContent("a", "price")]),
            result = new(ChatRole.Tool, [new FunctionResultContent("a", 4)]);

        await FluentActions.Awaiting(() => client.GetResponseAsync([user, call, result])).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("Message 2 (role 'assistant') holds FunctionCallContent*");
        await FluentActions.Awaiting(() => plain.GetResponseAsync([user, result])).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("Message 2 (role 'tool') holds FunctionResultContent*");
        await FluentActions.Awaiting(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, [new FunctionResultContent("a", 4)])])).Should()
            .ThrowAsync<NotSupportedException>().WithMessage("*only messages of the role 'tool'*");
    }

    private static FunctionCallContent[] Calls(ChatResponse answer) =>
        [.. answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];

    private sealed class Declaration : AIFunctionDeclaration
    {
        public override string Name => "nothing";
    }
}
