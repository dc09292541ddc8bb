using System.Text;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Records;
using Parquet;
using Parquet.Schema;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class ParquetRowReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Read_ColumnsOfText_GiveRowsOfEveryGroup(int rowsPerGroup)
    {
        JsonlDataView view = View(ParquetFiles.Texts(rowsPerGroup, ("q", "a \"x\"\n", "b"), ("天气", "好", "不"), ("q3", "a", "b")));
        Rows(view).Should().Equal("q|a \"x\"\n > b", "天气|好 > 不", "q3|a > b");
        LineNumbers(view).Should().Equal(1, 2, 3);
    }

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Zstd)]
    [InlineData(CompressionMethod.LZ4)]
    [InlineData(CompressionMethod.Brotli)]
    public void Read_AnyCompression_GivesTheRows(CompressionMethod compression)
    {
        DataField[] fields = [new DataField<string>("prompt"), new DataField<string>("chosen"), new DataField<string>("rejected")];
        byte[] file = ParquetFiles.Write(fields, [async writer =>
        {
            foreach ((DataField field, string value) in fields.Zip(["q", "a", "b"]))
                await writer.WriteAsync(field, [value]);
        }], compression);
        Rows(View(file)).Should().Equal("q|a > b");
    }

    [Fact]
    public void Read_NullPrompt_IsRefusedAndNotGuessed() =>
        Fault(View(ParquetFiles.Texts(5, (null, "The sky is blue", "The sky is red")))).Message
            .Should().Be("pairs (row 1): 'prompt' is empty; give the text that the answers answer.",
                "the answers are not divided where a prompt was meant to be");

    [Fact]
    public void Read_ListsOfMessages_AreMessageLists()
    {
        Rows(View(Messages())).Should().Equal("q|a > b", "q2|a2 > b2");
        PreferenceDataException fault = Fault(View(Messages(lastRole: "user")));
        fault.Message.Should().Be("pairs (row 2): 'chosen' ends with role 'user'; the last message must be 'assistant'.");
        (fault.LineNumber, fault.Field).Should().Be((2, "chosen"));
    }

    [Fact]
    public void Read_ValuesOfEveryKind_AreTheirJson()
    {
        DataField<int?> number = new("n");
        DataField<double> real = new("x");
        DataField<bool> truth = new("t");
        DataField bytes = new("raw", typeof(byte[]));
        DateTimeDataField day = new("day", DateTimeFormat.Timestamp);
        DecimalDataField price = new("price", 10, 2);
        ListField tags = new("tags", new DataField<string>("element"));
        StructField inner = new("info", new DataField<string>("source"), new DataField<int?>("rank"));
        Records(ParquetFiles.Write([number, real, truth, bytes, day, price, tags, inner], [async writer =>
        {
            await writer.WriteAsync<int>(number, new int?[] { 1, null, -3 });
            await writer.WriteAsync<double>(real, new[] { 0.5, double.NaN, 1e300 });
            await writer.WriteAsync<bool>(truth, new[] { true, false, true });
            await writer.WriteAsync(bytes, [[0x61], null!, [0xFF, 0x00]]);
            await writer.WriteAsync<DateTime>(day, new[] { DateTime.UnixEpoch, DateTime.UnixEpoch, DateTime.UnixEpoch });
            await writer.WriteAsync<decimal>(price, new[] { 1.5m, 2m, -0.25m });
            await writer.WriteAllPartsAsync<ReadOnlyMemory<char>>(
                (DataField)tags.Item, new ReadOnlyMemory<char>[] { "u".AsMemory(), "v".AsMemory() }, (ReadOnlyMemory<int>)new[] { 3, 3, 0, 1 },
                (ReadOnlyMemory<int>)new[] { 0, 1, 0, 0 }, default);
            await writer.WriteAllPartsAsync<ReadOnlyMemory<char>>(
                (DataField)inner.Fields[0], new ReadOnlyMemory<char>[] { "s".AsMemory() }, (ReadOnlyMemory<int>)new[] { 2, 0, 1 }, null, default);
            await writer.WriteAllPartsAsync<int>((DataField)inner.Fields[1], new[] { 7 }, (ReadOnlyMemory<int>)new[] { 2, 0, 1 }, null, default);
        }])).Should().Equal(
            """{"n":1,"x":0.5,"t":true,"raw":"a","day":"1970-01-01T00:00:00Z","price":1.50,"tags":["u","v"],"info":{"source":"s","rank":7}}""",
            """{"n":null,"x":null,"t":false,"raw":null,"day":"1970-01-01T00:00:00Z","price":2.00,"tags":null,"info":null}""",
            """{"n":-3,"x":1E+300,"t":true,"raw":{"bytes":"/wA="},"day":"1970-01-01T00:00:00Z","price":-0.25,"tags":[],"info":{"source":null,"rank":null}}""");
    }

    [Fact]
    public void Read_RowGroupLargerThanAllowed_IsRefusedBeforeItIsRead() =>
        Refusal(ParquetFiles.Texts(5, ("q", new string('x', 100_000), "b")), new() { MaxRowGroupBytes = 50_000 }).Should().Contain("row group 1 takes about")
            .And.Contain("50000 are allowed").And.Contain("raise MaxRowGroupBytes");

    [Fact]
    public void Read_RowLongerThanAllowed_IsABadRow()
    {
        byte[] file = ParquetFiles.Texts(5, ("q", "a", "b"), ("q", new string('x', 2000), "b"), ("q3", "a", "b"));
        LineNumbers(View(file, new() { MaxLineBytes = 1024, BadRows = BadRowPolicy.Skip })).Should().Equal(1, 3);
        Fault(View(file, new() { MaxLineBytes = 1024 })).Message.Should()
            .Be("pairs (row 2): the row is longer than 1024 bytes; leave out columns that are not needed, or raise MaxLineBytes.");
    }

    [Fact]
    public void Read_BadRowsWhenSkipping_AreCountedByRow()
    {
        JsonlDataView view = View(ParquetFiles.Texts(2, ("q", "a", "b"), ("q", null, "b"), ("q", "a", "a"), ("q4", "a", "b")),
            new() { BadRows = BadRowPolicy.Skip });
        LineNumbers(view).Should().Equal(1, 4);
        view.Report!.Rows.Select(row => (row.LineNumber, row.Reason)).Should().Equal((2, BadRowReason.MissingField), (3, BadRowReason.IdenticalSides));
    }

    [Fact]
    public void Read_FileWithoutRows_SaysSo() => Refusal(ParquetFiles.Texts(5)).Should().Contain("no rows");

    [Fact]
    public void Read_TruncatedOrDamagedFile_IsNamed()
    {
        byte[] file = Messages();
        for (int length = 4; length < file.Length; length += 7)
            Refusal(file[..length]).Should().StartWith("pairs: the Parquet file cannot be read");
    }

    private static byte[] Messages(string lastRole = "assistant")
    {
        ListField chosen = Conversation("chosen"), rejected = Conversation("rejected");
        return ParquetFiles.Write([chosen, rejected], [async writer =>
        {
            foreach ((ListField list, string[] answers) in new[] { (chosen, new[] { "a", "a2" }), (rejected, new[] { "b", "b2" }) })
            {
                StructField message = (StructField)list.Item;
                int[] levels = [0, 1, 0, 1];
                await writer.WriteAsync((DataField)message.Fields[0], ["user", "assistant", "user", list == chosen ? lastRole : "assistant"],
                    (ReadOnlyMemory<int>?)levels);
                await writer.WriteAsync((DataField)message.Fields[1], ["q", answers[0], "q2", answers[1]], (ReadOnlyMemory<int>?)levels);
            }
        }]);
    }

    private static ListField Conversation(string name) =>
        new(name, new StructField("element", new DataField<string>("role"), new DataField<string>("content")));

    private static List<string> Records(byte[] file)
    {
        List<string> records = new();
        using ParquetRowReader reader = new(new MemoryStream(file), FileBytes.Name, new PreferenceFileOptions());
        while (reader.Read() == LineStatus.Line)
            records.Add(Encoding.UTF8.GetString(reader.Record));
        return records;
    }
}
