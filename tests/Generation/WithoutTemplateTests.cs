using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Texts that go on as they stand, without a chat template.</summary>
public sealed class WithoutTemplateTests
{
    private static readonly GenerationOptions s_plain = ScriptedChat.Greedy with { WithoutTemplate = true };

    [Fact]
    public async Task Prompt_IsTheTextAloneAndWhatSpellsASpecialTokenIsOne()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids(" bread"), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, s_plain);

        ChatResponse response = await client.GetResponseAsync("Rye is<|im_end|>");

        model.Sequences[0].Should().Equal([.. ScriptedChat.Ids("Rye is"), ScriptedChat.End]);
        response.Usage!.InputTokenCount.Should().Be(model.Sequences[0].Length);
    }

    [Fact]
    public async Task Answer_IsTextWhateverItLooksLike()
    {
        const string Written = " <think>\nhm\n</think>\n\n<tool_call>\n{\"name\": \"price\", \"arguments\": {}}\n</tool_call> done";
        using IChatClient client = ScriptedChat.Client(
            new TurnsModel(Written), s_plain with { MaxNewTokens = 200 }, ToolTemplates.Hermes);

        ChatResponse response = await client.GetResponseAsync("Rye is");

        response.Messages.Single().Contents.Where(content => content is not UsageContent).Should().AllBeOfType<TextContent>();
        response.Text.Should().Be(Written, "the space at its beginning is the text's");
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Requests_OfAClientWithATemplate_CanAskForIt()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids(" bread"), ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);

        await client.GetResponseAsync("Rye is", new ChatOptions
        {
            RawRepresentationFactory = chat => ((GenerationOptions)chat.GetService(typeof(GenerationOptions))!) with { WithoutTemplate = true },
        });

        model.Sequences[0].Should().Equal(ScriptedChat.Ids("Rye is"));
    }

    [Fact]
    public async Task Options_ThatAreATemplatesOwn_AreRefusedByName()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel("x"), s_plain, ToolTemplates.Hermes);

        Func<Task> ask = () => client.GetResponseAsync("Rye is", new ChatOptions
        {
            Instructions = "Be short.", Tools = [AIFunctionFactory.CreateDeclaration("price", "The price.", default)],
        });

        UnsupportedChatOptionException refusal = (await ask.Should().ThrowAsync<UnsupportedChatOptionException>()).Which;
        refusal.OptionNames.Should().Equal("Instructions", "Tools");
        refusal.Message.Should().Contain("WithoutTemplate");
    }

    [Fact]
    public async Task Conversations_AreNoText()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel("x"), s_plain);
        List<ChatMessage>[] conversations =
        [
            [], [new(ChatRole.User, "a"), new(ChatRole.Assistant, "b")], [new(ChatRole.System, "a")],
            [new(ChatRole.User, [new TextContent("a"), new DataContent("data:image/png;base64,AA==")])],
        ];

        foreach (List<ChatMessage> conversation in conversations)
            await client.Invoking(plain => plain.GetResponseAsync(conversation)).Should().ThrowAsync<NotSupportedException>().WithMessage("*WithoutTemplate*");
    }

    [Fact]
    public async Task Refusals_OfOptions_NameThem()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel("x"));

        Func<Task> ask = () => client.GetResponseAsync("Hello?", new ChatOptions
        {
            ConversationId = "a", ModelId = "another", ToolMode = ChatToolMode.RequireAny,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["one"] = 1, ["two"] = 2 },
        });

        (await ask.Should().ThrowAsync<UnsupportedChatOptionException>()).Which.OptionNames.Should()
            .Equal("ConversationId", "ModelId", "AdditionalProperties", "ToolMode");
    }

    [Fact]
    public async Task Prompt_LongerThanTheContext_SaysBothLengths()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([ScriptedChat.End], positions: 16), s_plain);

        Func<Task> ask = () => client.GetResponseAsync(string.Concat(Enumerable.Repeat("bread ", 40)));

        ContextLengthException fault = (await ask.Should().ThrowAsync<ContextLengthException>()).Which;
        fault.ContextTokens.Should().Be(16);
        fault.PromptTokens.Should().Be(ScriptedChat.Ids(string.Concat(Enumerable.Repeat("bread ", 40))).Length);
    }
}
