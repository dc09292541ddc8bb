using System.IO.Compression;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Every kind of file is read in memory that does not grow with it.</summary>
public class LargeFileTests
{
    private const int RowCount = 60_000;
    private const string Question = "A question of some length, as they are";

    [Fact]
    public void Read_LargeArray_HoldsMemoryFlat() => AllocatedPerRow(RowCount, Array(RowCount)).Should()
        .BeLessThan(16, "an element allocates nothing that grows with the file");

    [Fact]
    public void Read_LargeTable_HoldsMemoryFlat() => AllocatedPerRow(RowCount, Table(RowCount)).Should().BeLessThan(16);

    [Fact]
    public void Read_LargeGzip_HoldsMemoryFlat()
    {
        byte[] packed = Packed(Table(RowCount));
        AllocatedPerRow(RowCount, [packed]).Should().BeLessThan(16);
    }

    [Fact]
    public void Read_GzipBomb_IsBoundedByTheLineAndNotByTheTotal()
    {
        byte[] part = new byte[1_000_000];
        part.AsSpan().Fill((byte)'x');
        byte[] packed = Packed([Utf8("""{"prompt":"q","chosen":"a","rejected":"b"}""" + "\n"), .. Enumerable.Repeat(part, 300),
            Utf8("\n" + """{"prompt":"q","chosen":"a","rejected":"b"}""")]);
        packed.Length.Should().BeLessThan(3_000_000);
        JsonlSource source = new(FileBytes.Name, () => new MemoryStream(packed, writable: false));
        JsonlDataView view = View(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip, MaxLineBytes = 1 << 20 }, source);
        long before = GC.GetAllocatedBytesForCurrentThread();
        JsonlLines.LineNumbers(view).Should().Equal(1, 3);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(20_000_000, "300 MB are passed over");
    }

    [Fact]
    public void Read_ManyRowGroups_HoldsOneAtATime()
    {
        string text = new('x', 10_000);
        byte[] file = ParquetFiles.Texts(100, [.. Enumerable.Range(0, 12_000).Select(i => ((string?)$"{i}", (string?)(i + text), (string?)text))]);
        JsonlSource source = new(FileBytes.Name, () => new MemoryStream(file, writable: false));
        using DataViewRowCursor cursor = View(new PreferenceFileOptions(), source).GetRowCursor([]);
        long highest = 0, rows = 0;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        while (cursor.MoveNext())
        {
            if (++rows % 2_000 == 0)
                highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
        rows.Should().Be(12_000);
        highest.Should().BeLessThan(200_000_000, "a group has 4 MB of text and the file 480 MB; the decoder keeps some blocks for the next group");
    }

    private static double AllocatedPerRow(int rows, IEnumerable<byte[]> parts)
    {
        JsonlSource source = new(FileBytes.Name, () => new SyntheticStream(parts.Select(part => (ReadOnlyMemory<byte>)part)));
        JsonlDataView view = View(new PreferenceFileOptions(), source);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["LineNumber"]]);
        for (int warmup = 0; warmup < 1_000; warmup++)
            cursor.MoveNext();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long count = 1_000;
        while (cursor.MoveNext())
            count++;
        count.Should().Be(rows);
        return (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)rows;
    }

    private static IEnumerable<byte[]> Array(int rows)
    {
        byte[] row = Utf8($$"""  { "prompt": "{{Question}}",{{"\n"}}    "chosen": "An answer.", "rejected": "Another." }{{","}}{{"\n"}}""");
        return [Utf8("[\n"), .. Enumerable.Repeat(row, rows - 1), [.. row[..^2], .. "\n]\n"u8]];
    }

    private static IEnumerable<byte[]> Table(int rows) =>
        [Utf8("prompt,chosen,rejected\n"), .. Enumerable.Repeat(Utf8($"\"{Question}\",\"An answer, of some words\",Another.\n"), rows)];

    private static byte[] Packed(IEnumerable<byte[]> parts)
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            foreach (byte[] part in parts)
                gzip.Write(part);
        }
        return packed.ToArray();
    }
}
