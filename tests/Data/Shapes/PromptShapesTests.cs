using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class PromptShapesTests
{
    private const string Answers = """ "chosen": "Blue.", "rejected": "Green." """;
    private const string Sides =
        """ "chosen": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}], "rejected": """ +
        """[{"role":"user","content":"Sky?"},{"role":"assistant","content":"Green."}] """;

    [Theory]
    [InlineData(""" "system": "Brief.", "prompt": "Sky?" """, "system: Brief. | user: Sky?")]
    [InlineData(""" "system_prompt": "Brief.", "prompt": "Sky?", "system": "" """, "system: Brief. | user: Sky?")]
    [InlineData(""" "system": "Brief.", "prompt": [{"role": "user", "content": "Sky?"}] """, "system: Brief. | user: Sky?")]
    [InlineData(""" "system": "Brief.", "prompt": [{"role": "system", "content": "Brief."}, {"role": "user", "content": "Sky?"}] """,
        "system: Brief. | user: Sky?")]
    [InlineData(""" "instruction": "Sky?", "input": "" """, "user: Sky?")]
    [InlineData(""" "instruction": "Name the colour.", "input": "Sky" """, "user: Name the colour.\nSky")]
    [InlineData(""" "instruction": "Sky?", "system": "Brief.", "history": [["Hi", "Hello"], ["And?", "Well"]] """,
        "system: Brief. | user: Hi | assistant: Hello | user: And? | assistant: Well | user: Sky?")]
    [InlineData(""" "prompt": "Sky?", "history": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}] """,
        "user: Hi | assistant: Hello | user: Sky?")]
    [InlineData(""" "prompt": "Sky?", "history": "[['Hi', 'It\\'s me']]" """, "user: Hi | assistant: It's me | user: Sky?")]
    [InlineData(""" "prompt": "Sky?", "history": [] """, "user: Sky?")]
    [InlineData(""" "question": "Sky?" """, "user: Sky?")]
    [InlineData(""" "query": "Sky?" """, "user: Sky?")]
    [InlineData(""" "input": "Sky?", "system": null """, "user: Sky?")]
    [InlineData(""" "context_messages": [{"role": "user", "content": "Sky?"}] """, "user: Sky?")]
    [InlineData(""" "messages": [{"role": "system", "content": "Brief."}, {"role": "user", "content": "Sky?"}] """, "system: Brief. | user: Sky?")]
    [InlineData(""" "conversations": [{"from": "system", "value": "Brief."}, {"from": "human", "value": "Sky?"}] """, "system: Brief. | user: Sky?")]
    [InlineData(""" "conversations": "[{'from': 'human', 'value': 'Sky?'}]", "system": "Brief." """, "system: Brief. | user: Sky?")]
    [InlineData(""" "prompt": "\n\nHuman: Sky?" """, "user: Sky?")]
    [InlineData(""" "prompt": "\n\nHuman: Say 'Human: x'.\nNow." """, "user: Say 'Human: x'.\nNow.")]
    [InlineData(""" "prompt": "Human: of or like people. True?" """, "user: Human: of or like people. True?")]
    [InlineData(""" "prompt": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Sky?\n\nAssistant:" """, "user: Hi | assistant: Hello | user: Sky?")]
    [InlineData(""" "prompt": null, "question": "Sky?" """, "user: Sky?")]
    [InlineData(""" "prompt": "", "question": "Sky?" """, "user: Sky?")]
    [InlineData(""" "prompt": "Sky?", "question": " Sky? " """, "user: Sky?")]
    public void Read_PromptInManyForms_StandsBeforeTheAnswers(string fields, string prompt)
    {
        string expected = $"{prompt} | assistant: Blue.";
        Said($$"""{ {{fields}}, {{Answers}} }""").Chosen.Should().Be(expected);
        Said($$"""{ {{Answers}}, {{fields}} }""").Chosen.Should().Be(expected, "the order of the fields says nothing");
    }

    [Theory]
    [InlineData(""" "system": "Brief." """, "system: Brief. | user: Sky?")]
    [InlineData(""" "prompt": "Sky?", "prompt_id": "a b" """, "user: Sky?")]
    [InlineData(""" "prompt": "" """, "user: Sky?")]
    [InlineData(""" "question": "Sky?", "messages": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}] """, "user: Sky?")]
    [InlineData(""" "prompt": "Sky?", "system": "Brief." """, "system: Brief. | user: Sky?")]
    public void Read_WholeConversations_TakeWhatStandsBeside(string fields, string prompt) =>
        Said($$"""{ {{fields}}, {{Sides}} }""").Should().Be(($"{prompt} | assistant: Blue.", $"{prompt} | assistant: Green."));

    [Fact]
    public void Read_InputOfOpenAi_GivesMessagesAndTools()
    {
        (string chosen, _) = Pair(
            """{"input": {"messages": [{"role": "user", "content": "Sky?"}], "tools": [{"type": "function"}], "parallel_tool_calls": """ +
            """true}, "preferred_output": [{"role": "assistant", "content": "Blue."}], "non_preferred_output": """ +
            """[{"role": "assistant", "content": "Green."}]}""");
        chosen.Should().Be("""[{"role":"user","content":"Sky?","tools":[{"type":"function"}]},{"role":"assistant","content":"Blue."}]""");
    }

    [Fact]
    public void Read_TheBlankBehindATranscriptsMark_IsNoPartOfTheAnswer() =>
        Said("""{"prompt": "\n\nHuman: Sky?\n\nAssistant:", "chosen": " Blue.", "rejected": " Green."}""")
            .Should().Be(("user: Sky? | assistant: Blue.", "user: Sky? | assistant: Green."));

    [Fact]
    public void Read_PromptThatBeginsWithTheAssistant_IsNotRepeated()
    {
        const string Prompt = """{"role":"assistant","content":"Welcome!"},{"role":"user","content":"Sky?"}""";
        Said($$"""{"prompt": [{{Prompt}}], "chosen": [{{Prompt}},{"role":"assistant","content":"Blue."}], "rejected": """ +
            $$"""[{{Prompt}},{"role":"assistant","content":"Green."}]}""")
            .Chosen.Should().Be("assistant: Welcome! | user: Sky? | assistant: Blue.");
    }

    [Theory]
    [InlineData("""[{"role": "user", "content": "q"}]""", """[{"role":"user","content":"q","tools":[{"name":"f"}]},""")]
    [InlineData("""[{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]""", """[{"role":"system","content":"s","tools":[{"name":"f"}]},""")]
    [InlineData("\"q\"", """[{"role":"user","content":"q","tools":[{"name":"f"}]},""")]
    public void Read_ToolsBesideTheMessages_GoIntoTheOpeningOne(string prompt, string opening)
    {
        (string chosen, string rejected) = Pair($$"""{"prompt": {{prompt}}, "chosen": "a", "rejected": "b", "tools": [{"name": "f"}]}""");
        chosen.Should().StartWith(opening);
        rejected.Should().StartWith(opening);
    }

    [Theory]
    [InlineData("""{"prompt": "Sky?", "chosen": "a", "rejected": "b", "tools": "[{'name': 'f', 'strict': True}]"}""",
        """ "tools":[{"name":"f","strict":true}]""")]
    [InlineData("""{"tools": [{"name": "f"}], "chosen": "The sky is blue", "rejected": "The sky is green"}""",
        """ "content":"The sky is","tools":[{"name":"f"}]""")]
    public void Read_ToolsOfOtherForms_AreCarried(string line, string tools) => Pair(line).Chosen.Should().Contain(tools.Trim());

    [Theory]
    [InlineData(""" "prompt": "Sky?", "system": "Brief.", "system_prompt": "Long." """, "system_prompt")]
    [InlineData(""" "prompt": "Sky?", "input": "a text" """, "input")]
    [InlineData(""" "prompt": "Sky?", "context": "Blue" """, "context")]
    [InlineData(""" "prompt": "Sky?", "instruction": "Answer." """, "instruction")]
    [InlineData(""" "prompt": "Sky?", "documents": ["It is blue."] """, "documents")]
    [InlineData(""" "prompt": "Sky?", "messages": [{"role": "user", "content": "Hi"}] """, "messages")]
    [InlineData(""" "prompt": "Sky?", "functions": [{"name": "f"}] """, "functions")]
    [InlineData(""" "prompt": "Sky?", "images": ["a.png"] """, "images")]
    [InlineData(""" "prompt": "Sky?", "remark": "A text of several words." """, "remark")]
    [InlineData(""" "prompt": "Sky?", "generations": ["Blue.", "Red."] """, "generations")]
    [InlineData(""" "question": "Sky?", "passage": "Blue it is." """, "passage")]
    [InlineData(""" "instruction": "Sky?", "input": [1, 2] """, "input")]
    public void Read_FieldThatMayBelongToTheConversation_IsRefused(string fields, string name)
    {
        PreferenceDataException fault = Fault($$"""{ {{fields}}, {{Answers}} }""");
        (fault.Reason, fault.Field).Should().Be((BadRowReason.UnreadField, name));
        fault.Message.Should().Contain($"the row has '{name}', which may be part of the conversation and would be left out").And.Contain($"Prompt = \"{name}\"")
            .And.Contain("IgnoredFields");
        string[] ignored = [name];
        Said(new PreferenceFileOptions { IgnoredFields = ignored }, $$"""{ {{fields}}, {{Answers}} }""").Should().ContainSingle();
    }

    [Theory]
    [InlineData(""" "prompt": "Sky?", "history": "once upon" """, BadRowReason.WrongType,
        "'history' has '\"once upon\"'; it must be a list of messages, or of pairs")]
    [InlineData(""" "prompt": "Sky?", "history": [["a", "b", "c"]] """, BadRowReason.WrongType,
        "'history' has '[\"a\", \"b\", \"c\"]'; it must be a list of messages, or of pairs")]
    [InlineData(""" "prompt": "Sky?", "system": ["Brief."] """, BadRowReason.WrongType,
        "'system' is '[\"Brief.\"]'; it must be the system's message, a string.")]
    [InlineData(""" "prompt": [{"role":"system","content":"Long."},{"role":"user","content":"q"}], "system": "Brief." """, BadRowReason.RepeatedField,
        "the row gives messages that stand before the conversation, 'Brief.', and the conversation begins with the system's message 'Long.'")]
    [InlineData(""" "prompt": [{"role":"system","content":"Long."},{"role":"user","content":"q"}], "history": [["h", "g"]] """, BadRowReason.RepeatedField,
        "the row gives messages that stand before the conversation, 'h', and")]
    [InlineData(""" "messages": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}] """, BadRowReason.DifferentPrompts,
        "the row has the prompt's messages in 'messages', and they end with the assistant's message 'Blue.'")]
    [InlineData(""" "prompt": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Green."}] """, BadRowReason.DifferentPrompts,
        "'prompt' ends with the answer of 'rejected'; a prompt ends with what the answers answer.")]
    [InlineData(""" "system": "Brief." """, BadRowReason.MissingPrompt, "the row has messages before a prompt, and no prompt;")]
    [InlineData(""" "prompt": null """, BadRowReason.MissingPrompt, "'prompt' is empty; give the text that the answers answer.")]
    [InlineData(""" "input": {"messages": [{"role": "user", "content": "q"}], "documents": ["a text"]} """, BadRowReason.UnreadField,
        "'input.documents' would be left out;")]
    [InlineData(""" "conversations": [{"from": "robot", "value": "q"}] """, BadRowReason.UnknownRole,
        "'conversations[0].from' is 'robot'; it must be one of human, user, gpt,")]
    [InlineData(""" "conversations": [{"from": "human", "role": "system", "value": "q"}] """, BadRowReason.RepeatedField,
        "'conversations[0]' has both 'role' and 'from', and they differ;")]
    [InlineData(""" "conversations": [{"from": "human", "value": "q", "content": "r"}] """, BadRowReason.RepeatedField,
        "'conversations[0]' has both 'content' and 'value', and they differ;")]
    public void Read_ContradictoryRow_IsRefusedWithTheReason(string fields, BadRowReason reason, string message)
    {
        PreferenceDataException fault = Fault($$"""{ {{fields}}, {{Answers}} }""");
        fault.Message.Should().StartWith($"dpo.jsonl:1: {message}");
        fault.Reason.Should().Be(reason);
    }

    [Theory]
    [InlineData("Human: Hi\\n\\nAssistant: Hello.", "No.")]
    [InlineData("Human: Hi\\n\\nAssistant: Hello.", "Human: Hi\\n\\nAssistant: What?")]
    public void Read_DialogueThatThePromptAsksFor_IsTheAnswer(string chosen, string rejected)
    {
        (string Chosen, string Rejected) said = Said($$"""{"prompt": "Write a dialogue.", "chosen": "{{chosen}}", "rejected": "{{rejected}}"}""");

        said.Should()
            .Be(($"user: Write a dialogue. | assistant: {chosen.Replace("\\n", "\n", StringComparison.Ordinal)}",
            $"user: Write a dialogue. | assistant: {rejected.Replace("\\n", "\n", StringComparison.Ordinal)}"));
    }

    [Theory]
    [InlineData("Sky?")]
    [InlineData("Human: Sky?\\n\\nAssistant:")]
    public void Read_TranscriptsThatBeginWithThePrompt_AreWholeConversations(string prompt) =>
        Said($$"""{"prompt": "{{prompt}}", "chosen": "Human: Sky?\n\nAssistant: Blue.", "rejected": "Human: Sky?\n\nAssistant: Green."}""").Chosen.Should()
            .Be("user: Sky? | assistant: Blue.");

    [Fact]
    public void Read_HistoryThatThePromptBeginsWith_StandsOnce() =>
        Said("""
            {"history": [["Hi", "Hello"]], "prompt": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Sky?"}], "chosen": "Blue.", "rejected": "Green."}
            """).Chosen.Should().Be("user: Hi | assistant: Hello | user: Sky? | assistant: Blue.");
}
