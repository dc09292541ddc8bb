using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class ElementReaderTests
{
    private const string Pretty = """
        [
          {
            "prompt": "q [1]",
            "chosen": "a \"{\"",
            "rejected": "b\\"
          },

          { "prompt": "q2", "chosen": [
              { "role": "assistant", "content": "]" } ],
            "rejected": [ {"role": "assistant",
                           "content": "b" } ] }
        ]

        """;

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Read_PrettyPrintedArray_GivesItsElementsAndTheirLines(string lineBreak)
    {
        JsonlDataView view = View(Utf8(Pretty.ReplaceLineEndings(lineBreak)));
        Rows(view).Should().Equal("q [1]|a \"{\" > b\\", "q2|] > b");
        Texts(view, "Chosen")[1].Should().NotContainAny("\n", "\r");
        LineNumbers(view).Should().Equal(2, 8);
    }

    [Theory]
    [InlineData("""[{"prompt":"q","chosen":"a","rejected":"b"},{"prompt":"q2","chosen":"a","rejected":"b"}]""")]
    [InlineData("""  [  {"prompt":"q","chosen":"a","rejected":"b"} , {"prompt":"q2","chosen":"a","rejected":"b"}  ]  """)]
    [InlineData("\uFEFF[\n{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"},\n{\"prompt\":\"q2\",\"chosen\":\"a\",\"rejected\":\"b\"}\n]\n")]
    public void Read_ArrayOfAnyLayout_GivesItsElements(string json)
    {
        Rows(View(Utf8(json))).Should().Equal("q|a > b", "q2|a > b");
        for (int piece = 1; piece < 4; piece++)
        {
            JsonlSource source = new(FileBytes.Name, () => new SyntheticStream(Utf8(json).Chunk(piece).Select(part => (ReadOnlyMemory<byte>)part)));
            Rows(View(new PreferenceFileOptions(), source)).Should().Equal("q|a > b", "q2|a > b");
        }
    }

    [Fact]
    public void Read_ObjectsOfSeveralLines_GivesEach()
    {
        JsonlDataView view = View(
            Utf8("{\n  \"prompt\": \"q\",\n  \"chosen\": \"a\",\n  \"rejected\": \"b\"\n}\n{\n  \"prompt\": \"q2\",\n  \"chosen\": \"a\", \"rejected\": " +
            "\"b\"\n}\n"));
        Rows(view).Should().Equal("q|a > b", "q2|a > b");
        LineNumbers(view).Should().Equal(1, 6);
    }

    [Fact]
    public void Read_BadElement_NamesLineAndNumber()
    {
        PreferenceDataException fault = Fault(
            View(Utf8("[\n{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"},\n\n{\"prompt\":\"q\",\n\"chosen\":\"a\"}]")));
        fault.Message.Should().StartWith("pairs:4 (element 2): 'rejected' is missing;");
        (fault.LineNumber, fault.Reason).Should().Be((4, BadRowReason.MissingField));
    }

    [Fact]
    public void Read_BadElementsWhenSkipping_AreCounted()
    {
        JsonlDataView view = View(
            Utf8("""[{"prompt":"q","chosen":"a","rejected":"b"}, 7, "x{", null, [1, {"a": "]"}], {"prompt" "q"}, """ +
            """{"prompt":"q2","chosen":"a","rejected":"b"}]"""), new() { BadRows = BadRowPolicy.Skip });
        Rows(view).Should().Equal("q|a > b", "q2|a > b");
        view.Report!.CountsByReason.Should().Equal(new Dictionary<BadRowReason, long> { [BadRowReason.InvalidJson] = 1, [BadRowReason.WrongType] = 4 });
        view.Report.Rows.Select(row => row.Message).Should().Contain(message => message!.StartsWith("pairs:1 (element 6): invalid JSON"));
    }

    [Theory]
    [InlineData("", "the array is not closed by ']'")]
    [InlineData(",", "the array is not closed by ']'")]
    [InlineData(",\n{\"prompt\": \"q\", \"chosen\": \"a", "element 2, which begins in line 2, is not closed")]
    [InlineData(",{\"prompt\": \"q\", \"chosen\": 1", "element 2, which begins in line 1, is not closed")]
    [InlineData(",]", "no element follows the comma after element 1")]
    [InlineData(",,", "no element follows the comma after element 1")]
    [InlineData(" {}]", "element 1 is followed by '{}]'")]
    [InlineData("] {}", "'{}' follows the end of the array")]
    public void Read_BrokenArray_IsAFaultOfTheFileEvenWhenSkipping(string end, string message)
    {
        byte[] json = Utf8("""[{"prompt":"q","chosen":"a","rejected":"b"}""" + end);
        Refusal(json).Should().Contain(message);
        Refusal(json, new() { BadRows = BadRowPolicy.Skip }).Should().Contain(message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[\n]\n")]
    public void Read_EmptyArray_HasNoRows(string json) => Refusal(Utf8(json)).Should().Contain("no rows");

    [Fact]
    public void Read_ElementLongerThanAllowed_IsPassedOver()
    {
        string json = $$"""[{"prompt":"q","chosen":"a","rejected":"b"},{"prompt":"q","chosen":"{{new string('x', 300_000)}}]}","rejected":"b"},{"prompt":"q2","chosen":"a","rejected":"b"},{"a":"{{new string('x', 1100)}}"},{"prompt":"q3","chosen":"a","rejected":"b"}]""";
        JsonlDataView view = View(Utf8(json), new() { BadRows = BadRowPolicy.Skip, MaxLineBytes = 1024 });
        Rows(view).Should().Equal("q|a > b", "q2|a > b", "q3|a > b");
        view.Report!.CountsByReason.Should().Equal(new Dictionary<BadRowReason, long> { [BadRowReason.LineTooLong] = 2 });
        Fault(View(Utf8(json), new() { MaxLineBytes = 1024 })).Message.Should()
            .Be("pairs:1 (element 2): the element is longer than 1024 bytes; look for a bracket or quote that is not closed, or raise MaxLineBytes.");
    }
}
