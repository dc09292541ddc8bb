using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class JsonlDataViewTests
{
    private static string Line(int i) => $$"""{"prompt": "q{{i}}", "chosen": "a{{i}}", "rejected": "b"}""";

    [Fact]
    public void Schema_Default_HasTextAndInt64Columns()
    {
        JsonlDataView view = Pairs(Line(0));
        view.Schema.Select(column => (column.Name, column.Type)).Should()
            .Equal(("Chosen", TextDataViewType.Instance), ("Rejected", TextDataViewType.Instance), ("LineNumber", NumberDataViewType.Int64));
        view.CanShuffle.Should().BeFalse();
        view.GetRowCount().Should().BeNull();
    }

    [Fact]
    public void Schema_OtherNames_AreTaken()
    {
        PreferenceFileOptions options = new() { ChosenColumnName = "Good", RejectedColumnName = "Bad", LineNumberColumnName = "No" };
        Pairs(options, Line(0)).Schema.Select(column => column.Name).Should().Equal("Good", "Bad", "No");
    }

    [Fact]
    public void GetRowCursor_SeveralFiles_AreReadInOrderWithTheirOwnLineNumbers()
    {
        byte[] first = [.. "\uFEFF"u8, .. System.Text.Encoding.UTF8.GetBytes($"{Line(0)}\r\n\r\n{Line(1)}\r\n")];
        byte[] third = [.. "\uFEFF"u8, .. System.Text.Encoding.UTF8.GetBytes(Line(2))];
        JsonlDataView view = Pairs(new PreferenceFileOptions { FileColumnName = "File" }, Source(first, "a"), Source([], "b"), Source(third, "c"));
        Texts(view, "File").Should().Equal("a", "a", "c");
        LineNumbers(view).Should().Equal(1, 3, 1);
        view.Report.Should().BeEquivalentTo(new { GoodRowCount = 3, BlankLineCount = 1, BadRowCount = 0 });
    }

    [Fact]
    public void GetGetter_ReadTwice_GivesTheSameTextAndKeepsIt()
    {
        JsonlDataView view = Pairs(Line(0), Line(1));
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Chosen"]);
        ReadOnlyMemory<char> first = default, again = default, second = default;
        cursor.MoveNext().Should().BeTrue();
        getter(ref first);
        getter(ref again);
        cursor.MoveNext().Should().BeTrue();
        getter(ref second);
        again.Equals(first).Should().BeTrue("the text is made once per row");
        first.ToString().Should().Contain("q0", "stock transforms keep values beyond their row");
        second.ToString().Should().Contain("q1");
    }

    [Fact]
    public void GetGetter_WrongUse_Throws()
    {
        JsonlDataView view = Pairs(Line(0));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Chosen"]]);
        cursor.IsColumnActive(view.Schema["Chosen"]).Should().BeTrue();
        cursor.IsColumnActive(view.Schema["Rejected"]).Should().BeFalse();
        DataViewSchema.Builder foreign = new();
        foreign.AddColumn("Other", TextDataViewType.Instance);

        cursor.Invoking(c => c.GetGetter<ReadOnlyMemory<char>>(view.Schema["Rejected"])).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*'Rejected' is not active*");
        cursor.Invoking(c => c.GetGetter<int>(view.Schema["Chosen"])).Should().Throw<InvalidOperationException>().WithMessage("*'Chosen'*Int32*");
        cursor.Invoking(c => c.IsColumnActive(foreign.ToSchema()[0])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*no column 'Other'*");
        view.Invoking(v => v.GetRowCursor(foreign.ToSchema())).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*no column 'Other'*");

        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Chosen"]);
        ReadOnlyMemory<char> value = default;
        Action read = () => getter(ref value);
        read.Should().Throw<InvalidOperationException>("the cursor is before the first row");
        cursor.MoveNext().Should().BeTrue();
        read.Should().NotThrow();
        cursor.MoveNext().Should().BeFalse();
        cursor.Position.Should().Be(-1);
        read.Should().Throw<InvalidOperationException>("the cursor is past the last row");
    }

    [Fact]
    public void MoveNext_Rows_CountPositionsAndIds()
    {
        using DataViewRowCursor cursor = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Line(0), "{", Line(1)).GetRowCursor([]);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        DataViewRowId value = default;
        cursor.Position.Should().Be(-1);
        for (int row = 0; row < 2; row++)
        {
            cursor.MoveNext().Should().BeTrue();
            id(ref value);
            (cursor.Position, value).Should().Be((row, new DataViewRowId((ulong)row, 0)));
        }
        cursor.MoveNext().Should().BeFalse();
    }

    [Fact]
    public void Dispose_MidFile_ClosesTheStream()
    {
        SyntheticStream stream = new([System.Text.Encoding.UTF8.GetBytes(Line(0) + "\n" + Line(1))]);
        DataViewRowCursor cursor = Pairs(new PreferenceFileOptions(), new JsonlSource(Name, () => stream)).GetRowCursor([]);
        cursor.MoveNext().Should().BeTrue();
        cursor.Dispose();
        stream.IsDisposed.Should().BeTrue();
        cursor.MoveNext().Should().BeFalse();
    }

    [Fact]
    public void GetRowCursor_ManyThreads_EachSeesEveryRow()
    {
        string[] lines = [.. Enumerable.Range(0, 500).Select(Line)];
        JsonlDataView view = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, [.. lines, "{"]);
        List<string>[] texts = new List<string>[8];
        Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = texts.Length }, i => texts[i] = Texts(view, "Chosen"));
        texts.Should().AllSatisfy(text => text.Should().Equal(texts[0])).And.AllSatisfy(text => text.Should().HaveCount(500));
        view.Report!.GoodRowCount.Should().Be(500);
        view.Report.BadRowCount.Should().Be(1);
        view.GetRowCursorSet(view.Schema, 4).Should().ContainSingle().Which.Dispose();
    }
}
