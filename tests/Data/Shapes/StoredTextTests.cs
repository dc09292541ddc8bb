using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Shapes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class StoredTextTests
{
    private const string Sky = "user: Sky? | assistant: It's blue.";

    [Theory]
    [InlineData("""[{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "It's blue."}]""")]
    [InlineData("""[{'role': 'user', 'content': 'Sky?'}, {'role': 'assistant', 'content': "It's blue."}]""")]
    [InlineData("""[{'content': 'Sky?', 'role': 'user'}, {'content': 'It\'s blue.', 'role': 'assistant'}]""")]
    [InlineData("[{'role': 'user', 'content': 'Sky?'}\n {'role': 'assistant', 'content': \"It's blue.\"}]")]
    [InlineData("array([{'role': 'user', 'content': 'Sky?'},\n       {'role': 'assistant', 'content': \"It's blue.\"}], dtype=object)")]
    [InlineData("""({'role': 'user', 'content': 'Sky?'}, {'role': 'assistant', 'content': "It's blue."})""")]
    [InlineData("""[{'from': 'human', 'value': u'Sky?'}, {'from': 'gpt', 'value': 'It\x27s \u0062lue.'}]""")]
    [InlineData("\"[{\\\"role\\\": \\\"user\\\", \\\"content\\\": \\\"Sky?\\\"}, {\\\"role\\\": \\\"assistant\\\", \\\"content\\\": \\\"It's blue.\\\"}]\"")]
    [InlineData("""  [{'role': 'user', 'content': [{'type': 'text', 'text': 'Sky?'}]}, {'role': 'assistant', 'content': "It's blue."}]  """)]
    public void Read_MessageListInAString_IsReadAsMessages(string stored)
    {
        string other = stored.Replace("blue", "green", StringComparison.Ordinal).Replace("\\u0062lue", "green", StringComparison.Ordinal);
        Said($$"""{"chosen": {{JsonSerializer.Serialize(stored)}}, "rejected": {{JsonSerializer.Serialize(other)}}}""").Chosen.Should().Be(Sky);
        Said($$"""{"prompt": "Sky?", "chosen": {{JsonSerializer.Serialize(stored)}}, "rejected": {{JsonSerializer.Serialize(other)}}}""").Chosen
            .Should().Be(Sky);
    }

    [Theory]
    [InlineData("[1, 2, 3]")]
    [InlineData("[1] says the book")]
    [InlineData("['a', 'b']")]
    [InlineData("{\"answer\": 42}")]
    [InlineData("(roughly) 5")]
    [InlineData("array([1, 2])")]
    [InlineData("[{'name': 'Eve'}]")]
    [InlineData("[role] content")]
    [InlineData("\"[x]\" is quoted")]
    [InlineData("\"[1, 2]\"")]
    [InlineData("\"{not json\"")]
    [InlineData("Call SendMessage(to) first")]
    [InlineData("MessageBox(text='x')")]
    public void Read_AnswerThatOnlyLooksLikeAList_StaysAText(string answer) =>
        Said($$"""{"prompt": "q", "chosen": {{JsonSerializer.Serialize(answer)}}, "rejected": "b"}""").Chosen.Should().Be($"user: q | assistant: {answer}");

    [Theory]
    [InlineData("[Message(role='user', content='Sky?'), Message(role='assistant', content='blue')]")]
    [InlineData("[HumanMessage(content='Sky?'), AIMessage(content='blue')]")]
    [InlineData("ChatCompletionMessage(content='blue', role='assistant', tool_calls=None)")]
    [InlineData("[openai.types.ChatMessage(role=<Role.USER>, content='blue')]")]
    public void Read_ObjectsThatPythonWroteAsText_AreRefused(string stored)
    {
        string other = stored.Replace("blue", "green", StringComparison.Ordinal);
        foreach (string prompt in new[] { "", "\"prompt\": \"Sky?\", " })
        {
            PreferenceDataException fault = Fault(
                $$"""{ {{prompt}} "chosen": {{JsonSerializer.Serialize(stored)}}, "rejected": {{JsonSerializer.Serialize(other)}}}""");
            (fault.Reason, fault.Field).Should().Be((BadRowReason.WrongType, "chosen"));
            fault.Message.Should().Contain("as Python writes objects of messages").And.Contain("'role' and 'content'");
        }
    }

    [Theory]
    [InlineData("[None, True, False, nan]", "[null,true,false,null]")]
    [InlineData("[1, -2.5, 1e3, 1., 12345678901234567890]", "[1,-2.5,1000,1,12345678901234567890]")]
    [InlineData("(1,)", "[1]")]
    [InlineData("(1)", "1")]
    [InlineData("()", "[]")]
    [InlineData("[]", "[]")]
    [InlineData("{'a': {'b': ()}, 'c': [1,]}", """{"a":{"b":[]},"c":[1]}""")]
    [InlineData("'a\\n\\t\\\\ \\'q\\' \\101 \\U0001F600 \\d'", "\"a\\n\\t\\\\ 'q' A 😀 \\\\d\"")]
    [InlineData("[np.float64(1.5), np.str_('x'), numpy.int64(3)]", "[1.5,\"x\",3]")]
    [InlineData("'\\ud83d\\ude00'", "\"😀\"")]
    public void ToJson_Literal_IsReadAsPythonDoes(string literal, string json)
    {
        string? read = PythonLiteral.ToJson(literal, out _);
        read.Should().NotBeNull();
        JsonElement.DeepEquals(JsonElement.Parse(read!), JsonElement.Parse(json)).Should().BeTrue("{0} was read", read);
    }

    [Theory]
    [InlineData("__import__('os').system('ls')", 0)]
    [InlineData("[open('x')]", 1)]
    [InlineData("['a' 'b']", 5)]
    [InlineData("['a', ...]", 6)]
    [InlineData("{'a'}", 4)]
    [InlineData("{1: 2}", 1)]
    [InlineData("['a", 1)]
    [InlineData("[b'a']", 1)]
    [InlineData("[1 2]", 3)]
    [InlineData("[1] 2", 4)]
    [InlineData("['\\ud83d']", 1)]
    [InlineData("['\\N{BULLET}']", 1)]
    [InlineData("", 0)]
    public void ToJson_AnythingElse_IsRefusedAtItsPlace(string text, int fault)
    {
        PythonLiteral.ToJson(text, out int at).Should().BeNull();
        at.Should().Be(fault);
    }

    [Fact]
    public void ToJson_DeepNesting_IsRefusedInLinearTime()
    {
        PythonLiteral.ToJson(new string('(', 100_000), out _).Should().BeNull();
        PythonLiteral.ToJson(new string('[', 100_000), out _).Should().BeNull();
    }
}
