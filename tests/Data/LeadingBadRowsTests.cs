using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class LeadingBadRowsTests
{
    private const string Good = """{"prompt": "q", "chosen": "a", "rejected": "b"}""";
    private const string Unknown = """{"ask": "A question?", "good": "a", "bad": "b"}""";

    [Fact]
    public void Read_UnknownShapeWhenSkipping_GivesUpSoonAndSaysWhatTheRowsHave()
    {
        SyntheticStream stream = new(Enumerable.Repeat((ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(Unknown + "\n"), 1_000_000));
        PreferenceDataException fault = Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, new JsonlSource(Name, () => stream)));
        fault.Message.Should()
            .Be("dpo.jsonl: none of the first 1,000 rows can be read, so the file is taken for unreadable; the first fault: \"dpo.jsonl:1: 'chosen' is " +
            "missing; a pair has 'chosen' and 'rejected', "
            + "and the row has 'ask', 'good', 'bad'. The options Prompt, Chosen and Rejected of PreferenceFileOptions name other fields.\" Raise " +
                "MaxLeadingBadRows where good rows come later.");
        stream.BytesRead.Should().BeLessThan(1_000_000, "the rest of the file is not read to refuse it");
    }

    [Fact]
    public void Read_GoodRowWithinTheBound_GoesOn()
    {
        string[] lines = [.. Enumerable.Repeat(Unknown, 3), Good, .. Enumerable.Repeat(Unknown, 9), Good];
        LineNumbers(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip, MaxLeadingBadRows = 4 }, lines)).Should().Equal(4, 14);
        Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip, MaxLeadingBadRows = 3 }, lines)).Message.Should()
            .Contain("none of the first 3 rows can be read");
    }

    [Fact]
    public void Read_SecondFileOfAnUnknownShape_GivesUpToo()
    {
        JsonlSource good = Source(Good), unknown = Source(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(Unknown, 5))), "other.jsonl");
        Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip, MaxLeadingBadRows = 5 }, good, unknown)).Path.Should().Be("other.jsonl");
    }

    [Fact]
    public void Read_FewRowsOfAnUnknownShape_SaysWhatTheRowsHave() =>
        Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Unknown)).Message.Should()
            .Contain("the row has 'ask', 'good', 'bad'. The options Prompt, Chosen and Rejected");
}
