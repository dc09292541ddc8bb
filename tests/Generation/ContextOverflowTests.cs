using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Conversations that are longer than the context.</summary>
public class ContextOverflowTests
{
    private static readonly GenerationOptions s_dropping = GenerationOptions.Greedy with { MaxNewTokens = 8, Overflow = ContextOverflow.DropOldestTurns };

    [Fact]
    public async Task Refuse_TheDefault_SaysHowLongItIs()
    {
        ScriptedModel model = new([ScriptedChat.End], positions: 100);
        using IChatClient client = ScriptedChat.Client(model);

        await FluentActions.Awaiting(() => client.GetResponseAsync(Conversation(20))).Should().ThrowAsync<ArgumentException>()
            .WithMessage("*leaves no room for an answer in the model's context of 100*DropOldestTurns*");

        model.Sequences.Should().BeEmpty();
    }

    [Fact]
    public async Task DropOldestTurns_LongConversation_KeepsSystemMessageAndWholeLastTurns()
    {
        ScriptedModel model = new([.. ScriptedChat.Ids("Yes."), ScriptedChat.End], positions: 100);
        using IChatClient client = ScriptedChat.Client(model, s_dropping);

        ChatResponse answer = await client.GetResponseAsync(Conversation(20));

        answer.Text.Should().Be("Yes.");
        int dropped = answer.AdditionalProperties!.TryGetValue(GenerationOptions.DroppedTurnsProperty, out int count) ? count : -1;
        string prompt = ScriptedChat.Tokenizer.Decode(model.Sequences[0]);
        string expected = "<|im_start|>system\nBe kind.<|im_end|>\n"
            + string.Concat(Enumerable.Range(dropped, 20 - dropped).Select(i => $"<|im_start|>user\nQ{i}?<|im_end|>\n<|im_start|>assistant\nA{i}.<|im_end|>\n"))
            + "<|im_start|>user\nAnd now?<|im_end|>\n<|im_start|>assistant\n";
        prompt.Should().Be(expected);
        dropped.Should().BeInRange(1, 19);
        answer.Usage!.InputTokenCount.Should().Be(model.Sequences[0].Length).And.BeLessThanOrEqualTo(100 - 8);
        string oneMore = $"<|im_start|>user\nQ{dropped - 1}?<|im_end|>\n<|im_start|>assistant\nA{dropped - 1}.<|im_end|>\n";
        string longer = expected.Insert(expected.IndexOf("<|im_start|>user", StringComparison.Ordinal), oneMore);
        ScriptedChat.Ids(longer).Length.Should().BeGreaterThan(100 - 8, "no turn more than needed is left out");
    }

    [Fact]
    public async Task DropOldestTurns_ShortConversation_DropsNone()
    {
        ScriptedModel model = new([ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, s_dropping);

        ChatResponse answer = await client.GetResponseAsync(Conversation(3));

        answer.AdditionalProperties![GenerationOptions.DroppedTurnsProperty].Should().Be(0);
        ScriptedChat.Tokenizer.Decode(model.Sequences[0]).Should().Contain("Q0?").And.Contain("A2.");
    }

    [Fact]
    public async Task DropOldestTurns_LastTurnTooLongAlone_IsRefused()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([ScriptedChat.End], positions: 60), s_dropping);

        await FluentActions.Awaiting(() => client.GetResponseAsync([.. Conversation(3), new(ChatRole.User, string.Concat(Enumerable.Repeat("loaf ", 100)))]))
            .Should().ThrowAsync<ArgumentException>().WithMessage("*leaves no room*No turn is left that could be left out*");
    }

    [Fact]
    public void Turns_OfEveryKind_AreWhole()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, "s"), new(ChatRole.Assistant, "greeting"),
            new(ChatRole.User, "u1"), new(ChatRole.User, "u1 again"), new(ChatRole.Assistant, "a1"), new(ChatRole.Tool, "t1"),
            new(ChatRole.Assistant, "a1 again"),
            new(ChatRole.System, "s2"), new(ChatRole.User, "u2"), new(ChatRole.Assistant, "a2"),
            new(ChatRole.User, "u3"), new(ChatRole.Assistant, "begun"),
        ];
        ConversationTurns turns = new(messages);

        turns.Droppable.Should().Be(3);
        Texts(0).Should().Equal(messages.Select(message => message.Text));
        Texts(1).Should().Equal("s", "u1", "u1 again", "a1", "t1", "a1 again", "s2", "u2", "a2", "u3", "begun");
        Texts(2).Should().Equal("s", "s2", "u2", "a2", "u3", "begun");
        Texts(3).Should().Equal("s", "s2", "u3", "begun");
        new ConversationTurns([new(ChatRole.System, "s"), new(ChatRole.Assistant, "a")]).Droppable.Should().Be(0);

        IEnumerable<string> Texts(int dropped) => turns.Without(dropped).Select(message => message.Text);
    }

    private static List<ChatMessage> Conversation(int turns) =>
    [
        new(ChatRole.System, "Be kind."),
        .. Enumerable.Range(0, turns).SelectMany(i => (ChatMessage[])[new(ChatRole.User, $"Q{i}?"), new(ChatRole.Assistant, $"A{i}.")]),
        new(ChatRole.User, "And now?"),
    ];
}
