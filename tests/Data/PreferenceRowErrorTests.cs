using System.Text;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class PreferenceRowErrorTests
{
    private const string Good = """{"prompt": "q", "chosen": "a", "rejected": "b"}""";
    private const string User = """{"role":"user","content":"q"}""";
    private const string A = """{"role":"assistant","content":"a"}""";
    private const string B = """{"role":"assistant","content":"b"}""";

    public static TheoryData<string, BadRowReason, string?, string> BadLines => new()
    {
        { """{"chosen": "a" "rejected": "b"}""", BadRowReason.InvalidJson, null,
            "invalid JSON at column 16, near '{\"chosen\": \"a\" \"rejected\": \"b\"}': '\"' is invalid after a value. Expected either ',', '}', or ']'. A " +
            "line holds one whole JSON object." },
        { """{"chosen": "日本", x}""", BadRowReason.InvalidJson, null, "invalid JSON at column 18, near '\"chosen\": \"日本\", x}'" },
        { """{"chosen": "a",""", BadRowReason.InvalidJson, null, "invalid JSON at column 15, near '{\"chosen\": \"a\",'" },
        { """{"prompt": "q", "chosen": "a", "rejected": "b"} {}""", BadRowReason.InvalidJson, null, "invalid JSON at column 49" },
        { """{"prompt": "q", "chosen": "half \ud83d", "rejected": "b"}""", BadRowReason.InvalidJson, null,
            "the escape \\ud83d at column 33 is half a character; a surrogate escape comes in pairs such as \\ud83d\\ude00." },
        { "[1, 2]", BadRowReason.WrongType, null, "the line holds an array, '[1, 2]'; a line holds one JSON object." },
        { "{}", BadRowReason.MissingField, "chosen", "'chosen' is missing; a pair has 'chosen' and 'rejected', and the row has no fields." },
        { """{"prompt": "q", "chosen": "a", "label": true}""", BadRowReason.MissingField, "rejected",
            "'rejected' is missing; a pair has 'chosen' and 'rejected', and the row has 'prompt', 'chosen', 'label'." },
        { """{"prompt": "q", "chosen": null, "rejected": "b"}""", BadRowReason.MissingField, "chosen",
            "'chosen' is null; a pair has 'chosen' and 'rejected', and the row has 'prompt', 'chosen', 'rejected'." },
        { """{"prompt": "q", "chosen": [], "rejected": "b"}""", BadRowReason.MissingField, "chosen", "'chosen' is an empty list; it needs messages such as" },
        { """{"prompt": "q", "chosen": 12.5, "rejected": "b"}""", BadRowReason.WrongType, "chosen", "'chosen' is a number, '12.5'; it must be" },
        { """{"prompt": {"a": 1}, "chosen": "a", "rejected": "b"}""", BadRowReason.WrongType, "prompt", "'prompt' is an object, '{\"a\": 1}'; it must be" },
        { """{"prompt": "q", "chosen": "a", "rejected": "b", "chosen": "c"}""", BadRowReason.RepeatedField, "chosen",
            "'chosen' occurs twice; keep the one that is meant." },
        { $$"""{"prompt": "q", "chosen": "a", "rejected": [{{B}}]}""", BadRowReason.WrongType, "rejected",
            "'chosen' is a string and 'rejected' is a message list; both must be of the same kind." },
        { """{"chosen": [{"content":"q"}], "rejected": "b"}""", BadRowReason.MissingField, "chosen[0].role",
            "'chosen[0]' has no 'role'; a message is an object such as" },
        { $$"""{"chosen": [{{User}},{"role":7,"content":"a"}], "rejected": "b"}""", BadRowReason.WrongType, "chosen[1].role",
            "'chosen[1].role' is a number; it must be a string, one of system, developer, user, assistant, tool, function." },
        { $$"""{"chosen": [{{User}},{"content":"a","role":"b\u006ft"}], "rejected": "b"}""", BadRowReason.UnknownRole, "chosen[1].role",
            "'chosen[1].role' is 'bot'; it must be one of system, developer, user, assistant, tool, function." },
        { $$"""{"chosen": [{{User}},{"role":"assistant","content":"a","role":"user"}], "rejected": "b"}""", BadRowReason.RepeatedField, "chosen[1].role",
            "'chosen[1]' has 'role' twice; keep the one that is meant." },
        { $$"""{"chosen": [{{User}},{"role":"assistant","content":null,"content":"a"}], "rejected": "b"}""", BadRowReason.RepeatedField, "chosen[1].content",
            "'chosen[1]' has 'content' twice; keep the one that is meant." },
        { $$"""{"chosen": [{"role":"user"},{{A}}], "rejected": "b"}""", BadRowReason.MissingField, "chosen[0].content",
            "'chosen[0].content' is absent; it must be a string." },
        { $$$"""{"chosen": [{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]},{{{A}}}], "rejected": "b"}""", BadRowReason.WrongType,
            "chosen[0].content[0]", "'chosen[0].content[0]' is of type 'image_url'; only parts of type 'text' can be read." },
        { $$"""{"chosen": [{"role":"user","content":[]},{{A}}], "rejected": [{{User}},{{B}}]}""", BadRowReason.WrongType, "chosen[0].content",
            "'chosen[0].content' is an array; it must be a string, or a list of text parts." },
        { $$"""{"chosen": [{"role":"user","content":true},{{A}}], "rejected": "b"}""", BadRowReason.WrongType, "chosen[0].content",
            "'chosen[0].content' is true or false; it must be a string." },
        { $$"""{"chosen": [{{User}},{{A}}], "rejected": [{{User}},{{B}},{{User}}]}""", BadRowReason.LastTurnNotAssistant, "rejected",
            "'rejected' ends with role 'user'; the last message must be 'assistant'." },
        { $$"""{"chosen": [{{User}},{"role":"assistant","content":" \n\u3000"}], "rejected": [{{User}},{{B}}]}""", BadRowReason.EmptyAnswer,
            "chosen[1].content", "'chosen[1].content' is empty; the answer needs text or 'tool_calls'." },
        { $$"""{"chosen": [{{User}},{{A}}], "rejected": [{{User}},{"role":"assistant","content":null,"tool_calls":[]}]}""", BadRowReason.EmptyAnswer,
            "rejected[1].content", "'rejected[1].content' is null; an assistant's message needs text or 'tool_calls'." },
        { """{"prompt": "q", "chosen": "a", "rejected": " "}""", BadRowReason.EmptyAnswer, "rejected",
            "'rejected' is empty; the answer needs text or 'tool_calls'." },
        { """{"prompt": " ", "chosen": "a", "rejected": "b"}""", BadRowReason.MissingPrompt, "prompt",
            "'prompt' is empty; give the text that the answers answer." },
        { """{"chosen": "Yes", "rejected": "No"}""", BadRowReason.MissingPrompt, "prompt",
            "'chosen' ('Yes') and 'rejected' ('No') begin with no words in common that could be their prompt; give the prompt as 'prompt'." },
        { $$"""{"chosen": [{{A}}], "rejected": [{{B}}]}""", BadRowReason.MissingPrompt, "chosen",
            "'chosen' and 'rejected' begin with their answers; put the shared prompt before them, or give it as 'prompt'." },
        { """{"chosen": "It is blue", "rejected": "It is blue indeed"}""", BadRowReason.EmptyAnswer, "chosen",
            "'chosen' ('It is blue') is the beginning of the other side, so no answer remains; give the prompt as 'prompt'." },
        { $$"""{"chosen": [{{User}},{{A}}], "rejected": [{"role":"user","content":"other"},{{B}}]}""", BadRowReason.DifferentPrompts, "chosen[0]",
            "the prompts differ: 'chosen[0]' is user '\"q\"' and 'rejected[0]' is user '\"other\"'; both sides must hold the same messages up to the answer." },
        { $$"""{"chosen": [{{User}},{{A}}], "rejected": [{{User}},{{A}},{{User}},{{B}}]}""", BadRowReason.DifferentPrompts, "chosen[2]",
            "the prompts differ: 'rejected' goes on after the 2 messages that it shares with 'chosen';" },
        { $$"""{"prompt": "other", "chosen": [{{User}},{{A}}], "rejected": [{{User}},{{B}}]}""", BadRowReason.DifferentPrompts, "prompt",
            "'chosen' and 'rejected' begin with role 'user', so they are whole conversations, but they do not contain the 'prompt' '\"other\"';" },
        { $$"""{"prompt": [{{User}},{{User}}], "chosen": [{{User}},{{A}}], "rejected": [{{User}},{{B}}]}""", BadRowReason.DifferentPrompts, "prompt",
            "'chosen' and 'rejected' begin with role 'user', so they are whole conversations, but they do not contain the 'prompt'" },
        { $$"""{"chosen": [{{User}},{{A}}], "rejected": [{{User}}, {"content":"\u0061","role":"assistant"}]}""", BadRowReason.IdenticalSides, "rejected",
            "'chosen' and 'rejected' are the same; a pair needs two different answers." },
        { $$"""{"prompt": "q", "chosen": [{{A}}], "rejected": [{{A}}]}""", BadRowReason.IdenticalSides, "rejected",
            "'chosen' and 'rejected' are the same; a pair needs two different answers." },
        { """{"prompt": "q", "chosen": "a", "rejected": "\u0061"}""", BadRowReason.IdenticalSides, "rejected",
            "'chosen' and 'rejected' are the same; a pair needs two different answers." },
        { """{"tools": [{}], "prompt": [{"role":"system","content":"s","tools":null}], "chosen": "a", "rejected": "b"}""", BadRowReason.RepeatedField, "tools",
            "both the row and 'prompt[0]' have 'tools'; keep one." },
        { """{"tools": 5, "prompt": "q", "chosen": "a", "rejected": "b"}""", BadRowReason.WrongType, "tools",
            "'tools' is '5'; it must be a list of tools, or a string that holds one." },
    };

    [Theory]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "score": NaN}""", "JSON has no such number; write null instead.")]
    [InlineData("""{"score": -Infinity, "prompt": "q", "chosen": "a", "rejected": "b"}""", "JSON has no such number; write null instead.")]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b",}""",
        "a trailing comma at the end which is not supported. Take the comma out that stands before the closing bracket.")]
    [InlineData("{'prompt': 'q', 'chosen': 'a', 'rejected': 'b'}", "That is how Python's str() writes; write rows by json.dumps, one to a line.")]
    public void Read_NearlyJson_SaysWhatToWriteInstead(string line, string remedy) => Fault(line).Message.Should().EndWith(remedy);

    [Fact]
    public void Read_AnswerUnderAnotherName_NamesTheOption() =>
        Fault("""{"prompt": "q", "accepted": "a", "rejected": "b"}""").Message.Should()
            .Contain("The options Prompt, Chosen and Rejected of PreferenceFileOptions name other fields.");

    [Theory]
    [MemberData(nameof(BadLines))]
    public void Read_BadRow_SaysFileLineFieldAndRemedy(string line, BadRowReason reason, string? field, string text)
    {
        PreferenceDataException fault = Fault(Good, "", line, Good);
        fault.Message.Should().StartWith($"dpo.jsonl:3: {text}");
        (fault.Path, fault.LineNumber, fault.Reason, fault.Field).Should().Be((Name, 3, reason, field));
    }

    [Theory]
    [MemberData(nameof(BadLines))]
    public void Read_BadRowWhenSkipping_GoesOnAndCounts(string line, BadRowReason reason, string? field, string text)
    {
        JsonlDataView view = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Good, "", line, Good);
        LineNumbers(view).Should().Equal(1, 4);
        Texts(view, "Chosen").Should().HaveCount(2, "the rows are the same whatever columns are active");
        BadRow bad = view.Report!.Rows.Should().ContainSingle().Which;
        (bad.Path, bad.LineNumber, bad.Reason, bad.Field).Should().Be((Name, 3, reason, field));
        bad.Message.Should().StartWith($"dpo.jsonl:3: {text}");
    }

    [Fact]
    public void Read_NotUtf8_SaysTheByteAndItsOffset()
    {
        byte[] line = [.. Encoding.UTF8.GetBytes("{\"prompt\": \"é"), 0xE9, .. "\", \"chosen\": \"a\", \"rejected\": \"b\"}"u8];
        PreferenceDataException fault = Fault(Pairs(new PreferenceFileOptions(), Source(line)));
        fault.Message.Should().Be("dpo.jsonl:1: byte 0xE9 at offset 14 of the line is not UTF-8, after '{\"prompt\": \"é'; save the file as UTF-8.");
        fault.Reason.Should().Be(BadRowReason.NotUtf8);
    }

    [Fact]
    public void Read_Utf16File_SaysSo()
    {
        byte[] file = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Good)];
        Fault(Pairs(new PreferenceFileOptions(), Source(file))).Message.Should().EndWith("the file looks like UTF-16; save it as UTF-8.");
    }

    [Fact]
    public void Read_LongValues_AreShortenedInTheError()
    {
        string role = new('x', 5000);
        PreferenceDataException fault = Fault($$"""{"chosen": [{"role":"{{role}}\n","content":"a"}], "rejected": "b"}""");
        fault.Message.Should().Contain($"'{new string('x', 60)}…'").And.NotContain("\n");
        fault.Message.Length.Should().BeLessThan(200, "the rest of the value is left out");
    }

    [Fact]
    public void Read_AfterAFault_FailsAgain()
    {
        using DataViewRowCursor cursor = Pairs("{}", Good).GetRowCursor([]);
        Action move = () => cursor.MoveNext();
        move.Should().Throw<PreferenceDataException>();
        move.Should().Throw<PreferenceDataException>("a caller that goes on must not lose the bad row silently").WithMessage("dpo.jsonl:1:*");
    }

    [Theory]
    [InlineData(new string[0], "dpo.jsonl: there are no rows to read: it is empty. A line holds one JSON object.")]
    [InlineData(new[] { "", " ", "\r" }, "dpo.jsonl: there are no rows to read: its 3 lines are blank. A line holds one JSON object.")]
    [InlineData(
        new[] { "{", "{}" },
        "dpo.jsonl: there are no rows to read: 2 of 2 rows skipped: 1 InvalidJson (line 1); 1 MissingField (line 2). The first: dpo.jsonl:1: invalid JSON at " +
        "column 2, near '{': Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed. A line " +
        "holds one whole JSON object. A line holds one JSON object.")]
    public void Read_NoRows_SaysWhy(string[] lines, string message)
    {
        string[] terminated = [.. lines, ""];
        PreferenceDataException fault = Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, terminated));
        fault.Message.Should().Be(message);
        (fault.LineNumber, fault.Reason).Should().Be((null, null));
    }
}
