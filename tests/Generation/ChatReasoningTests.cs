using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Reasoning between think tags is content of its own, in answers and in the history.</summary>
public sealed class ChatReasoningTests
{
    private const string Thought = "<think>\nRye is bread.\n</think>\n\nYes, it is.";

    [Fact]
    public async Task Response_WithReasoning_HasItApartFromTheText()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Thought), ScriptedChat.Greedy with { MaxNewTokens = 200 });

        ChatResponse answer = await client.GetResponseAsync("Is it?");

        (answer.Text, Reasoning(answer), answer.FinishReason).Should().Be(("Yes, it is.", "Rye is bread.", ChatFinishReason.Stop));
        answer.Messages.Single().Contents.OfType<TextReasoningContent>().Should().ContainSingle("pieces of a stream are put together");
    }

    [Fact]
    public async Task Stream_WithReasoning_GivesItTokenByToken()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Thought), ScriptedChat.Greedy with { MaxNewTokens = 200 });

        List<ChatResponseUpdate> updates = await client.Updates();

        AIContent[] contents = [.. updates.SelectMany(update => update.Contents)];
        contents.OfType<TextReasoningContent>().Should().HaveCountGreaterThan(2, "it comes as it is made");
        contents.Select(content => content.GetType().Name).Distinct().Should()
            .Equal(nameof(TextReasoningContent), nameof(TextContent), nameof(UsageContent));
        string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text)).Should().Be("Rye is bread.");
    }

    [Theory]
    [InlineData("Rye is bread.\n</think>\n\nYes.", 200, "Rye is bread.", "Yes.", "stop")]
    [InlineData("Rye is bread.", 200, "Rye is bread.", "", "stop")]
    [InlineData("Rye is bread, and so it goes on and on.", 4, null, "", "length")]
    public async Task Response_WhereThePromptOpensTheReasoning_BeginsWithin(string script, int most, string? reasoning, string text, string reason)
    {
        using IChatClient client = ScriptedChat.Client(
            new TurnsModel(script), ScriptedChat.Greedy with { MaxNewTokens = most }, ToolTemplates.Opening);

        ChatResponse answer = await client.GetResponseAsync("Is it?");

        (answer.Text, answer.FinishReason).Should().Be((text, new ChatFinishReason(reason)));
        Reasoning(answer).Should().NotBeEmpty().And.Match(reasoning ?? "Rye*");
    }

    [Theory]
    [InlineData("{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}", true)]
    [InlineData("<|im_start|>assistant\n<think>\n", true)] // always asks for an answer
    [InlineData("{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n\n</think>\n\n{% endif %}", false)]
    [InlineData("{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}", false)]
    [InlineData("<|im_start|>assistant\n", false)]
    [InlineData("{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking %}<think>\n{% endif %}{% endif %}", false)]
    public async Task Prompt_OnlyItsOwnTag_OpensTheReasoning(string asking, bool opens)
    {
        ChatTemplate template = ChatTemplate.Parse("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" + asking);
        using IChatClient client = ScriptedChat.Client(new TurnsModel("Rye.", "Rye."), template: template);

        ChatResponse plain = await client.GetResponseAsync("Is it?"), quoting = await client.GetResponseAsync("What does <think> mean?");

        foreach (ChatResponse answer in new[] { plain, quoting })
            (Reasoning(answer), answer.Text).Should().Be(opens ? ("Rye.", "") : ("", "Rye."));
    }

    [Fact]
    public async Task History_OfATemplateThatReadsIt_GoesIntoItsField()
    {
        TurnsModel model = new(Thought, "Yes.");
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 200 }, ToolTemplates.Hermes);
        List<ChatMessage> messages = [new(ChatRole.User, "Is it?")];
        messages.AddMessages(await client.GetResponseAsync(messages));
        messages.Add(new ChatMessage(ChatRole.User, "Sure?"));

        await client.GetResponseAsync(messages);

        model.Prompts[1].Should().StartWith(model.Prompts[0] + Thought + "<|im_end|>\n<|im_start|>user\nSure?", "it is written as the model wrote it");
    }

    [Fact]
    public async Task History_OfATemplateWithoutSuchAField_StandsBeforeTheText()
    {
        TurnsModel model = new("Yes.");
        using IChatClient client = ScriptedChat.Client(model);

        await client.GetResponseAsync([
            new ChatMessage(ChatRole.User, "Is it?"),
            new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("Rye is bread."), new TextContent("Yes, it is.")]),
            new ChatMessage(ChatRole.User, "Sure?")]);

        model.Prompts[0].Should().Contain($"<|im_start|>assistant\n{Thought}<|im_end|>");
    }

    [Fact]
    public async Task History_ReasoningThatTheModelCannotBeTold_IsRefused()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel());
        Func<Task> Ask(ChatRole role, TextReasoningContent reasoning) => () => client.GetResponseAsync([new ChatMessage(role, [reasoning])]);

        await Ask(ChatRole.User, new TextReasoningContent("Hm")).Should().ThrowAsync<NotSupportedException>().WithMessage("Message 1 (role 'user')*assistant*");
        await Ask(ChatRole.Assistant, new TextReasoningContent("") { ProtectedData = "x" }).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("*ProtectedData*");
    }

    [Fact]
    public async Task Options_ReasoningOutput_DecidesWhetherItIsGiven()
    {
        using IChatClient client = ScriptedChat.Client(new TurnsModel(Thought, Thought, Thought), ScriptedChat.Greedy with { MaxNewTokens = 200 });
        async Task<ChatResponse> Answer(ReasoningOutput output) =>
            await client.GetResponseAsync("Is it?", new ChatOptions { Reasoning = new ReasoningOptions { Output = output } });

        ChatResponse none = await Answer(ReasoningOutput.None), full = await Answer(ReasoningOutput.Full);

        (none.Text, Reasoning(none), Reasoning(full)).Should().Be(("Yes, it is.", "", "Rye is bread."));
        none.Usage!.OutputTokenCount.Should().Be(full.Usage!.OutputTokenCount);
        await FluentActions.Awaiting(() => Answer(ReasoningOutput.Summary)).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("*Reasoning.Output Summary*");
    }

    [SkippableFact]
    public async Task Response_OfMiniMindsTemplate_ThinksWhereItIsOpened()
    {
        string file = TestFiles.Shared("fetched", "minimind-tokenizer", "tokenizer_config.json");
        ChatTemplate template = ChatTemplate.FromTokenizerConfig(File.ReadAllText(file));
        TurnsModel model = new("Rye is bread.\n</think>\n\nYes, it is.", "Yes.", "Yes.");
        using IChatClient client = ScriptedChat.Client(model, ScriptedChat.Greedy with { MaxNewTokens = 200 }, template);
        List<ChatMessage> messages = [new(ChatRole.User, "Is it?")];

        ChatResponse open = await client.GetResponseAsync(messages, new ChatOptions { AdditionalProperties = new() { ["open_thinking"] = true } });
        ChatResponse closed = await client.GetResponseAsync(messages);
        messages.AddMessages(open);
        messages.Add(new ChatMessage(ChatRole.User, "Sure?"));
        await client.GetResponseAsync(messages);

        (Reasoning(open), open.Text).Should().Be(("Rye is bread.", "Yes, it is."));
        (Reasoning(closed), closed.Text).Should().Be(("", "Yes."));
        model.Prompts[2].Should().Contain($"assistant\n{Thought}<|im_end|>");
    }

    private static string Reasoning(ChatResponse answer) =>
        string.Concat(answer.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(content => content.Text));
}
