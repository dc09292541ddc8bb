using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What a stream gives out, token by token.</summary>
public class ChatStreamTests
{
    [Fact]
    public async Task Stream_AnswerWithItsEndToken_GivesEveryTokenAndStops()
    {
        int[] words = ScriptedChat.Ids("One rye loaf.");
        words.Length.Should().BeGreaterThan(2);
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([.. words, ScriptedChat.End]));

        List<ChatResponseUpdate> updates = await client.Updates();

        updates.SkipLast(1).Select(update => update.Text).Should().Equal(words.Select(id => ScriptedChat.Tokenizer.Decode([id])));
        updates.SkipLast(1).Should().OnlyContain(update => update.FinishReason == null && update.Role == ChatRole.Assistant && update.ModelId == "scripted");
        updates.SkipLast(1).Select(update => update.MessageId).Distinct().Should().ContainSingle();
        updates.Select(update => update.ResponseId).Distinct().Should().ContainSingle();
        updates[^1].FinishReason.Should().Be(ChatFinishReason.Stop);
        UsageDetails usage = updates[^1].Contents.OfType<UsageContent>().Single().Details;
        (usage.OutputTokenCount, usage.TotalTokenCount).Should().Be((words.Length + 1, usage.InputTokenCount + words.Length + 1));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(1, 1)]
    public async Task Stream_MostTokens_IsCutThere(int most, int expected)
    {
        int[] words = ScriptedChat.Ids("One rye loaf is four euros.");
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(words));

        ChatResponse answer = await client.GetResponseAsync("Hello?", new ChatOptions { MaxOutputTokens = most });

        answer.Text.Should().Be(ScriptedChat.Tokenizer.Decode(words.AsSpan(0, expected)));
        answer.FinishReason.Should().Be(ChatFinishReason.Length);
        answer.Usage!.OutputTokenCount.Should().Be(expected);
    }

    [Fact]
    public async Task Stream_EndTokenAsTheLastAllowedOne_IsAStop()
    {
        int[] words = ScriptedChat.Ids("One rye loaf.");
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([.. words, ScriptedChat.End]));

        ChatResponse answer = await client.GetResponseAsync("Hello?", new ChatOptions { MaxOutputTokens = words.Length + 1 });

        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Theory]
    [InlineData("loaf", "One rye ")]
    [InlineData("e loaf.", "One ry")] // across tokens
    [InlineData("One", "")]
    [InlineData(".", "One rye loaf")] // at the end of the stream
    [InlineData("loaf.<|im_end|>", "One rye ")] // with the end token
    [InlineData("<|im_end|>", "One rye loaf.")]
    public async Task Stream_StopSequence_EndsWhereItBegins(string stop, string expected)
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([.. ScriptedChat.Ids("One rye loaf."), ScriptedChat.End]));

        ChatResponse answer = await client.GetResponseAsync("Hello?", new ChatOptions { StopSequences = [stop] });

        answer.Text.Should().Be(expected);
        answer.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Theory]
    [InlineData("<|endoftext|>", "One", true)]
    [InlineData("One<|endoftext|>", "", true)]
    [InlineData("<|endoftext|> rye", "One", true)]
    [InlineData("oftext|> r", "One", true)] // a part of a special token's text
    [InlineData("One rye", "One rye loaf.", false)] // the special token stands between
    [InlineData("<|endoftext|>white", "One rye loaf.", false)] // begins, and goes on otherwise
    public async Task Stream_StopSequenceWithASpecialToken_SeesItThoughItIsNotShown(string stop, string expected, bool stops)
    {
        int[] script = [.. ScriptedChat.Ids("One"), ScriptedChat.EndOfText, .. ScriptedChat.Ids(" rye loaf.")];
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(script));

        ChatResponse answer = await client.GetResponseAsync("Hello?", new ChatOptions { StopSequences = ["never", stop], MaxOutputTokens = script.Length });

        answer.Text.Should().Be(expected);
        answer.FinishReason.Should().Be(stops ? ChatFinishReason.Stop : ChatFinishReason.Length);
    }

    [Fact]
    public async Task Stream_BeginningOfAStopSequenceAtTheEnd_IsShown()
    {
        int[] script = ScriptedChat.Ids("One rye loaf.");
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(script));

        ChatResponse answer = await client.GetResponseAsync("Hello?", new ChatOptions { StopSequences = ["loaf.\n"], MaxOutputTokens = script.Length });

        answer.Text.Should().Be("One rye loaf.");
    }

    [Theory]
    [InlineData("Kräftig: 面包 🥖!")]
    [InlineData("👩‍🍳")]
    public async Task Stream_CharactersOverSeveralTokens_ComeWhole(string text)
    {
        int[] script = [.. ScriptedChat.Ids(text), ScriptedChat.End];
        script.Length.Should().BeGreaterThan(text.Length, "the tokenizer has no token for some of the characters");
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(script), ScriptedChat.Greedy with { MaxNewTokens = 60 });

        List<ChatResponseUpdate> updates = await client.Updates(new ChatOptions { StopSequences = ["🥖?"] });

        string.Concat(updates.Select(update => update.Text)).Should().Be(text);
        updates.Should().NotContain(update => update.Text.Contains('\uFFFD', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stream_CharacterThatIsCutOff_EndsWithOneReplacement()
    {
        int[] bytes = ScriptedChat.Ids("🥖");
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(bytes));

        ChatResponse answer = await client.GetResponseAsync("Hello?", new ChatOptions { MaxOutputTokens = bytes.Length - 1 });

        answer.Text.Should().Be("\uFFFD");
    }

    [Fact]
    public async Task Stream_TextThatEndsTurns_EndsTheAnswer()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(ScriptedChat.Ids("One rye loaf.\nUser: And?")), endTexts: "\nUser:");

        ChatResponse answer = await client.GetResponseAsync("Hello?");

        (answer.Text, answer.FinishReason).Should().Be(("One rye loaf.", ChatFinishReason.Stop));
    }

    [Fact]
    public async Task Stream_PromptThatFillsTheContext_EndsThere()
    {
        int length = ScriptedChat.Ids("<|im_start|>user\nHello?<|im_end|>\n<|im_start|>assistant\n").Length;
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(ScriptedChat.Ids("One rye loaf is four euros."), positions: length + 2));

        ChatResponse answer = await client.GetResponseAsync("Hello?");

        (answer.Usage!.OutputTokenCount, answer.FinishReason).Should().Be((2, ChatFinishReason.Length));
    }
}
