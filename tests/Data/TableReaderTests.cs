using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class TableReaderTests
{
    private const string Header = "prompt,chosen,rejected\n";

    public static TheoryData<string, string> Tables => new()
    {
        { "prompt,chosen,rejected\nq,a,b\n", "q|a > b" },
        { "prompt,chosen,rejected\nq,a,b", "q|a > b" },
        { "\uFEFFprompt,chosen,rejected\r\nq,a,b\r\n", "q|a > b" },
        { "prompt,chosen,rejected\rq,a,b\r", "q|a > b" },
        { "prompt;chosen;rejected\nq, or not;a;b\n", "q, or not|a > b" },
        { "prompt\tchosen\trejected\nq, r; s\ta\tb\n", "q, r; s|a > b" },
        { "sep=;\r\nprompt;chosen;rejected\r\nq;a;b", "q|a > b" },
        { "\"prompt\",\"chosen\",\"rejected\"\n\"q\",\"a\",\"b\"\n", "q|a > b" },
        { "\"prompt\",\"chosen\",\"rejected\"\n\"say \"\"hi\"\"\nto, all\",\"a\r\nb\",\"\"\"b\"\"\"\n", "say \"hi\"\nto, all|a\r\nb > \"b\"" },
        { "prompt,chosen,rejected\na 5\" nail,x\"y\",b\n", "a 5\" nail|x\"y\" > b" },
        { "prompt,chosen,rejected\nC:\\new \\u0041\t,a,天气 👩‍👩‍👧\n", "C:\\new \\u0041\t|a > 天气 👩‍👩‍👧" },
        { "prompt, chosen ,rejected\nq, a,b\n", "q| a > b" },
        { ",prompt,chosen,rejected\n0,q,a,b\n", "q|a > b" },
        { "prompt,chosen,rejected,\nq,a,b,\n", "q|a > b" },
        { "rejected,score,prompt,chosen\nb,0.5,q,a\n", "q|a > b" },
        { "\n\nprompt,chosen,rejected\nq,a,b\n", "q|a > b" },
    };

    [Theory, MemberData(nameof(Tables))]
    public void Read_Table_GivesItsCells(string table, string row) => Rows(View(Utf8(table))).Should().Equal(row);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_StreamInPieces_GivesTheSameRows(int piece)
    {
        byte[] table = Utf8("prompt,chosen,rejected\r\n\"q\"\"1\",\"a\r\n\",b\r\n\r\nq2,\"\"\"\",\"b\"\r\n");
        JsonlSource source = new(FileBytes.Name, () => new SyntheticStream(table.Chunk(piece).Select(part => (ReadOnlyMemory<byte>)part)));
        JsonlDataView view = View(new PreferenceFileOptions(), source);
        Rows(view).Should().Equal("q\"1|a\r\n > b", "q2|\" > b");
        view.Report!.BlankLineCount.Should().Be(1);
    }

    [Fact]
    public void Read_Records_AreNumberedByTheLineInWhichTheyBegin() =>
        LineNumbers(View(Utf8(Header + "q,\"a\n\nb\",c\n\nq,a,b\r\nq,a,b\n"))).Should().Equal(2, 6, 7);

    [Fact]
    public void Read_EmptyCell_IsEmptyTextAndNotAbsent()
    {
        PreferenceDataException fault = Fault(View(Utf8(Header + ",The sky is blue,The sky is red\n")));
        (fault.LineNumber, fault.Reason).Should().Be((2, BadRowReason.MissingPrompt));
        Texts(View(Utf8("prompt,chosen,rejected,note\nq,a,b,\n"), new PreferenceFileOptions { ExtraColumns = ["note"] }), "note").Should().Equal("");
    }

    [Theory]
    [InlineData('|', "prompt|chosen|rejected\nq, or|a|b\n")]
    [InlineData(';', "prompt;chosen, not;rejected, or, so\n")]
    public void Read_GivenDelimiter_IsTaken(char delimiter, string table)
    {
        JsonlDataView view = View(Utf8(table), new PreferenceFileOptions { Delimiter = delimiter });
        if (delimiter == '|')
            Rows(view).Should().Equal("q, or|a > b");
        else
            Fault(view).Message.Should().Contain("no rows");
    }

    public static TheoryData<string, long, string> BadRecords => new()
    {
        { "q,a\n", 2, "the record has 2 cells, and the header names 3 columns; quote cells" },
        { "q,a,b\nq,\"a\n\",b,c\n", 3, "the record has 4 cells, and the header names 3 columns" },
        { "q,\"a\"x,b\n", 2, "cell 2 goes on behind its closing quote; quotes inside a quoted cell are doubled" },
        { "q,\"he said \\\"hi\\\"\",b\n", 2, "cell 2 goes on behind its closing quote" },
        { "q,a,b\n\nq,\"a,b\n", 4, "the quote that opens cell 2 is not closed before the file ends" },
    };

    [Theory, MemberData(nameof(BadRecords))]
    public void Read_BadRecord_NamesItsFirstLine(string records, long line, string message)
    {
        PreferenceDataException fault = Fault(View(Utf8(Header + records)));
        fault.Message.Should().StartWith($"pairs:{line}: {message}").And.EndWith(".");
        (fault.LineNumber, fault.Reason).Should().Be((line, BadRowReason.MalformedRecord));
    }

    [Fact]
    public void Read_UnnamedColumnThatHoldsSomething_IsRefused() =>
        Fault(View(Utf8(",prompt,chosen,rejected\nimportant,q,a,b\n"))).Message.Should()
            .Be("pairs:2: column 1 has no name in the header, and holds 'important'; name the column.");

    [Fact]
    public void Read_BadRecordsWhenSkipping_AreCountedAndTheRestIsRead()
    {
        JsonlDataView view = View(Utf8(Header + "q1,a,b\nq\n\"q\"x,a,b\nq2,a,a\nq3,a,b\n"), new() { BadRows = BadRowPolicy.Skip });
        Rows(view).Should().Equal("q1|a > b", "q3|a > b");
        view.Report!.Rows.Select(row => (row.LineNumber, row.Reason)).Should()
            .Equal((3, BadRowReason.MalformedRecord), (4, BadRowReason.MalformedRecord), (5, BadRowReason.IdenticalSides));
    }

    [Fact]
    public void Read_CellThatIsNotUtf8_NamesItsColumn()
    {
        byte[] table = [.. Utf8(Header + "q,a,b\nq,na"), 0xEF, .. Utf8("ve,b\nq,a,b\n")];
        PreferenceDataException fault = Fault(View(table));
        fault.Message.Should().Be("pairs:3: byte 0xEF of 'chosen' is not UTF-8, after 'na'; save the file as UTF-8.");
        (fault.Field, fault.Reason).Should().Be(("chosen", BadRowReason.NotUtf8));
        LineNumbers(View(table, new() { BadRows = BadRowPolicy.Skip })).Should().Equal(2, 4);
    }

    [Fact]
    public void Read_RecordLongerThanAllowed_IsPassedOver()
    {
        string table = Header + $"q1,a,b\nq2,\"{new string('x', 2000)}\n{new string('y', 200_000)}\",b\nq3,a,b\nq4,{new string('z', 1100)},b\nq5,a,b\n";
        PreferenceFileOptions options = new() { BadRows = BadRowPolicy.Skip, MaxLineBytes = 1024 };
        JsonlDataView view = View(Utf8(table), options);
        Rows(view).Should().Equal("q1|a > b", "q3|a > b", "q5|a > b");
        view.Report!.Rows.Select(row => (row.LineNumber, row.Reason)).Should().Equal((3, BadRowReason.LineTooLong), (6, BadRowReason.LineTooLong));
        Fault(View(Utf8(table), new() { MaxLineBytes = 1024 })).Message.Should()
            .Be("pairs:3: the record is longer than 1024 bytes; look for a quote that is not closed, or raise MaxLineBytes.");
    }

    [Theory]
    [InlineData("chosen,rejected,chosen\n", "'chosen' 2 times")]
    [InlineData(",,\nq,a,b\n", "names no column")]
    [InlineData("prompt,\"chosen,rejected\nq,a,b\n", "quote that is not closed")]
    [InlineData("prompt,\"cho\"sen,rejected\nq,a,b\n", "text behind a closing quote")]
    public void Read_BadHeader_RefusesTheFile(string table, string message) =>
        Refusal(Utf8(table), new() { Delimiter = ',' }).Should().StartWith("pairs:1: ").And.Contain(message);

    [Fact]
    public void Read_HeaderOfTooManyColumns_IsRefused() => Refusal(Utf8(new string(',', 5000) + "\n")).Should().Contain("5001 columns");
}
