using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class ConversationShapesTests
{
    [Theory]
    [InlineData("""{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}""", "user: q | assistant: a")]
    [InlineData("""{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s", "id": "x y"}""",
        "system: s | user: q | assistant: a")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}, {"role": "assistant", "content": "a"}]}""",
        "user: q | assistant: a")]
    [InlineData("""{"messages": "[{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]"}""", "user: q | assistant: a")]
    [InlineData("""{"conversation": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "prompt": "q"}""", "user: q | assistant: a")]
    [InlineData("""{"instruction": "q", "input": "", "output": "a"}""", "user: q | assistant: a")]
    [InlineData("""{"instruction": "q", "input": "i", "output": "a", "system": "s", "history": [["h", "g"]]}""",
        "system: s | user: h | assistant: g | user: q\ni | assistant: a")]
    [InlineData("""{"prompt": "q", "response": "a"}""", "user: q | assistant: a")]
    [InlineData("""{"question": "q", "answer": "a"}""", "user: q | assistant: a")]
    [InlineData("""{"prompt": "\n\nHuman: q\n\nAssistant:", "completion": " a"}""", "user: q | assistant: a")]
    [InlineData("""{"prompt": "Write a dialogue.", "completion": "Human: Hi\n\nAssistant: Hello"}""",
        "user: Write a dialogue. | assistant: Human: Hi\n\nAssistant: Hello")]
    [InlineData("""{"question": "q", "answer": "a", "output": "a", "response": "7"}""", "user: q | assistant: a")]
    [InlineData("""{"prompt": "q", "completion": "a", "system": "s"}""", "system: s | user: q | assistant: a")]
    public void Read_ConversationsInManyForms_AreRead(string line, string expected) =>
        Texts(Conversations(line), "Conversation").Select(InWords).Should().Equal(expected);

    [Theory]
    [InlineData("""{"prompt": "q", "completion": "\n\nHuman: q\n\nAssistant: a"}""")]
    [InlineData("""{"prompt": "q", "completion": "Human: q\n\nAssistant: a"}""")]
    public void Read_AnswerThatIsTheWholeTranscript_IsRefused(string line)
    {
        PreferenceDataException fault = Fault(Conversations(line));
        (fault.Reason, fault.Field).Should().Be((BadRowReason.WrongType, "completion"));
        fault.Message.Should().Contain("a whole transcript");
    }

    [Theory]
    [InlineData("""{"conversations": [{"from": "human", "value": "q", "weight": 0.0}, {"from": "gpt", "value": "a", "weight": 1.0}]}""")]
    [InlineData("""{"messages": [{"role": "user", "content": "q", "train": false}, {"role": "assistant", "content": "a", "train": true, "weight": null}]}""")]
    [InlineData("""{"prompt": "q", "completion": "a", "label": 7}""")]
    public void Read_MarksThatSayWhatIsDoneAnyway_AreRead(string line) =>
        Texts(Conversations(line), "Conversation").Should().ContainSingle();

    [Fact]
    public void Read_ToolsBesideConversationsWithoutASystemMessage_AreCarried() =>
        Texts(Conversations("""{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "tools": "[{\"name\": \"f\"}]"}"""),
            "Conversation")
            .Should().Equal("""[{"role":"user","content":"q","tools":"[{\"name\": \"f\"}]"},{"role":"assistant","content":"a"}]""");

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "prompt": "other"}""", "prompt")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected_response": "b c"}""", "rejected_response")]
    [InlineData("""{"instruction": "q", "context": "A passage.", "response": "a"}""", "context")]
    [InlineData("""{"prompt": "q", "completion": "a", "output": "b c"}""", "output")]
    [InlineData("""{"prompt": [{"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}], "label": false}""", "label")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "label": true}""", "label")]
    [InlineData("""{"instruction": "q", "output": "a", "kto_tag": "False"}""", "kto_tag")]
    [InlineData("""{"prompt": "q", "completion": "a", "label": "undesirable"}""", "label")]
    [InlineData("""{"prompt": "q", "completion": "a", "response": "b"}""", "response")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected_response": "b"}""", "rejected_response")]
    [InlineData("""{"prompt": "q", "completion": "a", "label": 0}""", "label")]
    [InlineData("""{"prompt": "q", "completion": "a", "label": "1"}""", "label")]
    [InlineData("""{"question": "q", "answer": "a", "explanation": "Because it is so."}""", "explanation")]
    [InlineData("""{"question": "q", "answer": "a", "rationale": "Because it is so."}""", "rationale")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"weight": 0, "role": "assistant", "content": "a"}]}""", "messages[1].weight")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "train": false}]}""", "messages[1].train")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "loss": false}]}""", "messages[1].loss")]
    [InlineData("""{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a", "weight": 0.5}]}""", "conversations[1].weight")]
    public void Read_FieldThatWouldBeLeftOut_IsRefused(string line, string field)
    {
        PreferenceDataException fault = Fault(Conversations(line));
        (fault.Reason, fault.Field).Should().Be((BadRowReason.UnreadField, field));
    }

    [Fact]
    public void Read_MappedFields_AreTheConversation()
    {
        Texts(View(new ConversationFileOptions { Prompt = "q", Completion = "reply" }, """{"q": "Sky?", "reply": "Blue."}"""), "Conversation").Select(InWords)
            .Should().Equal("user: Sky? | assistant: Blue.");
        Texts(View(new ConversationFileOptions { Messages = "talk" },
            """{"talk": [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue."}]}"""), "Conversation").Select(InWords).Should()
            .Equal("user: Sky? | assistant: Blue.");
    }

    [Theory]
    [InlineData("""{"reply": "Blue."}""", "'q' is missing; the option Prompt names it, and the row has 'reply'.")]
    [InlineData("""{"q": "Sky?"}""", "'reply' is missing; the option Completion names it, and the row has 'q'.")]
    public void Read_MappedFieldAbsent_NamesTheRowsFields(string line, string message) =>
        Fault(View(new ConversationFileOptions { Prompt = "q", Completion = "reply" }, line)).Message.Should().StartWith($"dpo.jsonl:1: {message}");

    private static JsonlDataView View(ConversationFileOptions options, string line) => new([Source(line)], () => new ConversationRow(options), options);
}
