using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class BadRowReportTests
{
    private static readonly MLContext s_context = new(seed: 1);

    public static TheoryData<string, Func<IDataView, IDataView>> StockTransforms => new()
    {
        { "TrainTestSplit", view => s_context.Data.TrainTestSplit(view, testFraction: 0.3).TrainSet },
        { "CrossValidationSplit", view => s_context.Data.CrossValidationSplit(view, numberOfFolds: 2)[1].TrainSet },
        { "FilterRowsByColumn", view => s_context.Data.FilterRowsByColumn(AsDouble(view), "Double", lowerBound: 3) },
        { "FilterByCustomPredicate", view => s_context.Data.FilterByCustomPredicate<Row>(view, row => row.LineNumber < 3) },
        { "ShuffleRows", view => s_context.Data.ShuffleRows(view, seed: 3, shufflePoolSize: 4) },
        { "Cache", view => s_context.Data.Cache(view) },
        { "AppendCacheCheckpoint", view => s_context.Transforms.CopyColumns("Copy", "Chosen").AppendCacheCheckpoint(s_context)
            .Append(s_context.Transforms.CopyColumns("Again", "Copy")).Fit(view).Transform(view) },
        { "CopyColumns", view => s_context.Transforms.DropColumns("LineNumber").Fit(Copied(view)).Transform(Copied(view)) },
        { "ConvertType", view => s_context.Transforms.Conversion.ConvertType("LineNumber", outputKind: DataKind.Double).Fit(view).Transform(view) },
        { "SelectColumns", view => s_context.Transforms.SelectColumns("LineNumber", "Rejected").Fit(view).Transform(view) },
        { "CustomMapping", view => s_context.Transforms.CustomMapping<Row,
            Mapped>((row, mapped) => mapped.Twice = 2 * row.LineNumber, null).Fit(view).Transform(view) },
        { "NormalizeText", view => s_context.Transforms.Text.NormalizeText("Chosen").Fit(view).Transform(view) },
        { "SkipRows", view => s_context.Data.SkipRows(view, 2) },
    };

    [Theory]
    [MemberData(nameof(StockTransforms))]
    public void Find_ThroughStockTransforms_TellsTheLatestCompletePass(string name, Func<IDataView, IDataView> transform)
    {
        IDataView data = transform(View());
        BadRowReport.Find(data.Schema).Should().BeNull("{0} alone must not read the whole file", name);
        _ = Texts(data, "Rejected").Count;

        BadRowReport report = BadRowReport.Find(data.Schema)!;
        report.Should().BeEquivalentTo(new { GoodRowCount = 6, BlankLineCount = 1, BadRowCount = 3 });
        report.CountsByReason.Should().Equal(new Dictionary<BadRowReason, long> { [BadRowReason.InvalidJson] = 2, [BadRowReason.MissingField] = 1 });
        report.Rows.Should().Equal(
            new BadRow(Name, 2, BadRowReason.InvalidJson, null, null),
            new BadRow(Name, 5, BadRowReason.MissingField, "chosen", null),
            new BadRow(Name, 7, BadRowReason.InvalidJson, null, null));
        report.ToString().Should().Be("3 of 9 rows skipped: 2 InvalidJson (lines 2, 7); 1 MissingField (line 5)");
        s_context.Preferences.GetBadRows(data).Should().BeEquivalentTo(report);
    }

    [Fact]
    public void Find_TakeRows_StopsBeforeTheEndSoNoPassIsComplete()
    {
        IDataView data = s_context.Data.TakeRows(View(), 2);
        LineNumbers(data).Should().HaveCount(2);
        BadRowReport.Find(data.Schema).Should().BeNull();
    }

    [Fact]
    public void Find_SaveAsBinary_KeepsTheSavingPass()
    {
        using MemoryStream stream = new();
        s_context.Data.SaveAsBinary(View(), stream);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, stream.ToArray());
            IDataView loaded = s_context.Data.LoadFromBinary(path);
            BadRowReport.Find(loaded.Schema)!.BadRowCount.Should().Be(3);
            LineNumbers(loaded).Should().Equal(1, 4, 6, 8, 9, 10);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Find_SchemaOfASavedModel_HoldsNothingOfTheData()
    {
        JsonlDataView view = View();
        _ = LineNumbers(view);
        view.Report!.Rows[0].Message.Should().Contain("SECRET", "the error quotes the line");
        using MemoryStream stream = new();
        s_context.Model.Save(s_context.Transforms.CopyColumns("Copy", "Chosen").Fit(view), view.Schema, stream);
        s_context.Model.Load(stream, out DataViewSchema schema);
        BadRowReport report = BadRowReport.Find(schema)!;
        report.BadRowCount.Should().Be(3);
        report.Rows.Should().AllSatisfy(row => row.Should().BeEquivalentTo(new { Path = Name, Message = (string?)null }),
            "models are given away, data and folder names are not");
    }

    [Fact]
    public void Find_OtherData_IsNull()
    {
        BadRowReport.Find(s_context.Data.LoadFromEnumerable([new PreferencePair()]).Schema).Should().BeNull();
        s_context.Preferences.GetBadRows(s_context.Data.LoadFromEnumerable([new PreferencePair()])).Should().BeNull();
    }

    [Fact]
    public void Report_ManyBadRows_ListsTheFirstAndCountsAll()
    {
        string[] lines = [.. Enumerable.Repeat("{", BadRowReport.MaxListedRows + 500), Line(1)];
        JsonlDataView view = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip, MaxLeadingBadRows = int.MaxValue }, lines);
        LineNumbers(view).Should().ContainSingle();
        view.Report!.BadRowCount.Should().Be(BadRowReport.MaxListedRows + 500);
        view.Report.Rows.Should().HaveCount(BadRowReport.MaxListedRows);
        view.Report.ToString().Should().Be("10500 of 10501 rows skipped: 10500 InvalidJson (lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 10490 more)");
    }

    [Fact]
    public void ToString_SeveralFiles_NamesThem()
    {
        JsonlDataView view = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Source("{\n{}"u8.ToArray(), "a"),
            Source(System.Text.Encoding.UTF8.GetBytes("{\n" + Line(1)), "b"));
        LineNumbers(view).Should().Equal(2);
        view.Report!.ToString().Should().Be("3 of 4 rows skipped: 2 InvalidJson (a:1, b:1); 1 MissingField (a:2)");
        LineNumbers(Pairs(Line(1))).Should().Equal(1);
    }

    [Fact]
    public void Find_FailingFile_CountsGoodRowsOnly()
    {
        JsonlDataView view = Pairs(Line(0), Line(1));
        LineNumbers(view).Should().HaveCount(2);
        BadRowReport.Find(view.Schema)!.ToString().Should().Be("all 2 rows are good");
    }

    private static JsonlDataView View()
    {
        JsonlSource source = Source(Line(0), "SECRET", "", Line(1), "{}", Line(2), "}", Line(3), Line(4), Line(5));
        return Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, source with { Path = "folder/" + Name });
    }

    private static string Line(int i) => $$"""{"prompt": "q{{i}}", "chosen": "a", "rejected": "b"}""";

    private static IDataView AsDouble(IDataView view) =>
        s_context.Transforms.Conversion.ConvertType("Double", "LineNumber", DataKind.Double).Fit(view).Transform(view);

    private static IDataView Copied(IDataView view) => s_context.Transforms.CopyColumns("Copied", "LineNumber").Fit(view).Transform(view);

    private sealed class Row
    {
        public long LineNumber { get; set; }
    }

    private sealed class Mapped
    {
        public long Twice { get; set; }
    }
}
