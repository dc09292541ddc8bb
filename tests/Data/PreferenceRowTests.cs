using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class PreferenceRowTests
{
    private const string Chosen = """[{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}]""";
    private const string Rejected = """[{"role":"user","content":"Sky?"},{"role":"assistant","content":"Green."}]""";

    [Theory]
    [InlineData(
        """{"chosen": [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue."}], "rejected": [{"role": "user", "content": "Sky?"}, """ +
        """{"role": "assistant", "content": "Green."}]}""")]
    [InlineData(
        """{"prompt": [{"role": "user", "content": "Sky?"}], "chosen": [{"role": "assistant", "content": "Blue."}], "rejected": """ +
        """[{"role": "assistant", "content": "Green."}]}""")]
    [InlineData("""{"prompt": "Sky?", "chosen": "Blue.", "rejected": "Green."}""")]
    [InlineData("""{"prompt": "Sky?", "chosen": [{"role": "assistant", "content": "Blue."}], "rejected": [{"role": "assistant", "content": "Green."}]}""")]
    [InlineData("""{"prompt": [{"role": "user", "content": "Sky?"}], "chosen": "Blue.", "rejected": "Green."}""")]
    [InlineData(
        """{"id": 7, "prompt": null, "rejected": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Green."}], "score": [1, {"a": """ +
        """2}], "chosen": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}]}""")]
    [InlineData(
        """{"prompt": "Sky?", "chosen": [{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}], "rejected": """ +
        """[{"role":"user","content":"Sky?"},{"role":"assistant","content":"Green."}]}""")]
    [InlineData(
        """{"prompt": [{"role":"user","content":"Sky?"}], "chosen": """ +
        """[{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}], "rejected": """ +
        """[{"content":"Sky?","role":"user"},{"role":"assistant","content":"Green."}]}""")]
    public void Compose_EveryShape_GivesTheSameWholeConversations(string line)
    {
        (string chosen, string rejected) = Pair(line);
        chosen.Should().Be(Chosen);
        // the last case writes the rejected prompt's fields in another order, and fields keep their order
        rejected.Replace("""{"content":"Sky?","role":"user"}""", """{"role":"user","content":"Sky?"}""").Should().Be(Rejected);
    }

    [Fact]
    public void Compose_ImplicitPromptOfStrings_LeavesTheSpaceWithTheAnswers()
    {
        (string chosen, string rejected) = Pair("""{"chosen": "The sky is blue.", "rejected": "The sky is green."}""");
        chosen.Should().Be("""[{"role":"user","content":"The sky is"},{"role":"assistant","content":" blue."}]""");
        rejected.Should().Be("""[{"role":"user","content":"The sky is"},{"role":"assistant","content":" green."}]""");
    }

    [Fact]
    public void Compose_ExplicitStrings_ChangesNoCharacter()
    {
        (string chosen, _) = Pair("""{"prompt": " a\n\"b\" ", "chosen": " \u00e9\t😀", "rejected": "x"}""");
        chosen.Should().Be("""[{"role":"user","content":" a\n\"b\" "},{"role":"assistant","content":" \u00e9\t😀"}]""");
    }

    [Fact]
    public void Compose_ExtraMessageFields_SurviveVerbatim()
    {
        const string System = """{"role":"system","content":"s","tools":[{"type":"function","function":{"name":"f","parameters":{"n":1.0,"big":12345678901234567890,"e":1E-7}}}]}""";
        const string Answer = """{"role":"assistant","content":"","reasoning_content":"so \u2028  so","tool_calls":"[{\"name\": \"f\"}]","x":null}""";
        (string chosen, string rejected) = Pair(
            $$$"""{"chosen": [{{{System}}}, {"role":"user","content":"q"},{{{Answer}}}], "rejected": [{{{System}}},{"role":"user","content":"q"}, """ +
            $$$"""{"role":"assistant","content":"a"}]}""");
        chosen.Should().Be($$"""[{{System}},{"role":"user","content":"q"},{{Answer}}]""");
        rejected.Should().StartWith($"[{System},");
    }

    [Theory]
    [InlineData("""[{"type": "function", "name": "f"}]""", """[{"type":"function","name":"f"}]""")]
    [InlineData("""  "[{\"name\": \"f\"}]" """, """ "[{\"name\": \"f\"}]" """)]
    public void Compose_ToolsOfTheRow_GoIntoTheSystemMessage(string tools, string expected)
    {
        (string chosen, string rejected) = Pair(
            $$"""{"tools": {{tools}}, "prompt": [{"role": "system", "content": "s" }, {"role": "user", "content": "q"}], "chosen": """ +
            $$"""[{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}""");
        chosen.Should().StartWith($$"""[{"role":"system","content":"s","tools":{{expected.Trim()}}},{"role":"user","content":"q"},""");
        rejected.Should().StartWith($$"""[{"role":"system","content":"s","tools":{{expected.Trim()}}},{"role":"user","content":"q"},""");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[ ]")]
    [InlineData("\"\"")]
    public void Compose_NoTools_NeedsNoSystemMessage(string tools) =>
        Pair($$"""{"tools": {{tools}}, "prompt": "q", "chosen": "a", "rejected": "b"}""").Chosen.Should().NotContain("tools");

    [Fact]
    public void Compose_AnswersOfSeveralMessages_AreAccepted()
    {
        (string chosen, string rejected) = Pair("""{"chosen": [{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"name":"f"}]},{"role":"tool","content":"3"},{"role":"assistant","content":"3"}], "rejected": [{"role":"user","content":"q"},{"role":"assistant","content":"?"}]}""");
        chosen.Should().Contain("\"content\":null,\"tool_calls\"").And.EndWith("""{"role":"tool","content":"3"},{"role":"assistant","content":"3"}]""");
        rejected.Should().EndWith("""{"role":"assistant","content":"?"}]""");
    }

    [Fact]
    public void Compose_DialoguesAfterAnExplicitPrompt_AreAccepted()
    {
        const string Turns = """{"role":"user","content":"more"},{"role":"assistant","content":"end"}""";
        (string chosen, _) = Pair(
            $$"""{"prompt": "q", "chosen": [{"role":"assistant","content":"a"},{{Turns}}], "rejected": [{"role":"assistant","content":"b"},{{Turns}}]}""");
        chosen.Should().Be($$"""[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{{Turns}}]""");
    }

    [Fact]
    public void Read_SamePromptsWrittenDifferently_AreTheSame()
    {
        Pair("""{"chosen": [{"role":"user","content":"\u00e9 \/","n":1.0},{"role":"assistant","content":"a"}], "rejected": [{"n":1.0 , "content":"é """ +
            """/","role":"us\u0065r"},{"role":"assistant","content":"b"}]}""")
            .Chosen.Should().Contain("\\u00e9", "values stay as they were written");
    }

    [Fact]
    public void ComposeExtra_NamedFields_BecomeTextColumns()
    {
        PreferenceFileOptions options = new() { ExtraColumns = ["id", "note", "prompt"], FileColumnName = "File" };
        IDataView view = Pairs(options, """{"id": 1.50, "note": "a\nb", "prompt": "q", "chosen": "a", "rejected": "b"}""",
            """{"prompt": [{"role":"user", "content":"r"}], "chosen": "a", "rejected": "b", "note": null}""");
        Texts(view, "id").Should().Equal("1.50", "");
        Texts(view, "note").Should().Equal("a\nb", "");
        Texts(view, "prompt").Should().Equal("q", """[{"role":"user", "content":"r"}]""");
        Texts(view, "File").Should().Equal(Name, Name);
        view.Schema.Select(column => column.Name).Should().Equal("Chosen", "Rejected", "LineNumber", "File", "id", "note", "prompt");
    }
}
