using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class ConversationRowTests
{
    [Theory]
    [InlineData("""{"conversations": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}""")]
    [InlineData("""{"prompt": "q", "prompt_id": 3, "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}""")]
    [InlineData("""{"prompt": "q", "completion": "a"}""")]
    [InlineData("""{"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}]}""")]
    [InlineData("""{"completion": [{"role": "assistant", "content": "a"}], "prompt": "q", "messages": null}""")]
    public void Compose_EveryShape_GivesTheSameConversation(string line) =>
        Texts(Conversations(line), "Conversation").Should().Equal("""[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""");

    [Fact]
    public void Compose_ToolsOfTheRow_GoIntoTheSystemMessage() =>
        Texts(Conversations(
            """{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "tools": "[]"}"""),
            "Conversation")
            .Single().Should().StartWith("""[{"role":"system","content":"s","tools":"[]"},{"role":"user",""");

    [Theory]
    [InlineData("""{"text": "q"}""", BadRowReason.MissingField,
        "the row has no conversation: it needs 'conversations', 'messages', or 'prompt' and 'completion', and has 'text'. The options Messages, Prompt and " +
        "Completion of ConversationFileOptions name other fields.")]
    [InlineData("""{"prompt": "q"}""", BadRowReason.MissingField,
        "the row has no conversation: it needs 'conversations', 'messages', or 'prompt' and 'completion', and has 'prompt'. The options Messages, Prompt and " +
        "Completion of ConversationFileOptions name other fields.")]
    [InlineData("""{"completion": "q"}""", BadRowReason.MissingPrompt, "'prompt' is missing; give what the 'completion' answers.")]
    [InlineData("""{"prompt": "", "completion": "q"}""", BadRowReason.MissingPrompt, "'prompt' is empty; give what the 'completion' answers.")]
    [InlineData("""{"prompt": "q", "completion": ""}""", BadRowReason.EmptyAnswer, "'completion' is empty; the answer needs text or 'tool_calls'.")]
    [InlineData("""{"messages": "q"}""", BadRowReason.WrongType, "'messages' is a string, '\"q\"'; it must be a list of messages.")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}]}""", BadRowReason.LastTurnNotAssistant,
        "'messages' ends with role 'user'; the last message must be 'assistant'.")]
    [InlineData("""{"conversations": [{"from": "human", "value": "q"}]}""", BadRowReason.LastTurnNotAssistant,
        "'conversations' ends with role 'user'; the last message must be 'assistant'.")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "q"}], "conversations": [{"role": "assistant", "content": "q"}]}""",
        BadRowReason.RepeatedField, "the row has both 'conversations' and 'messages'; keep the one that is meant.")]
    public void Read_BadRow_SaysWhatIsWrong(string line, BadRowReason reason, string message)
    {
        PreferenceDataException fault = Fault(Conversations(line));
        fault.Message.Should().Be($"dpo.jsonl:1: {message}");
        fault.Reason.Should().Be(reason);
    }
}
