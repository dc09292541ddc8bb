using System.Diagnostics;
using System.Text;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class LargeInputTests
{
    private const int HugeLineBytes = 200_000_000;
    private static readonly byte[] s_good = """{"prompt": "q", "chosen": "a", "rejected": "b"}"""u8.ToArray();

    [Fact]
    public void Read_HugeLineWhenFailing_StopsAtTheLimit()
    {
        SyntheticStream? stream = null;
        JsonlDataView view = Pairs(new PreferenceFileOptions(), new JsonlSource(Name, () => stream = HugeLine()));
        long before = GC.GetAllocatedBytesForCurrentThread();
        PreferenceDataException fault = Fault(view);
        fault.Message.Should().Be("dpo.jsonl:2: the line is longer than 16777216 bytes; look for missing line breaks, or raise MaxLineBytes.");
        fault.Reason.Should().Be(BadRowReason.LineTooLong);
        stream!.BytesRead.Should().BeLessThan(40_000_000, "the rest of the line is not read to refuse it");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(80_000_000, "the line is never held whole");
    }

    [Fact]
    public void Read_HugeLineWhenSkipping_GoesPastItInBoundedMemory()
    {
        JsonlDataView view = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip, MaxLineBytes = 1 << 20 }, new JsonlSource(Name, HugeLine));
        long before = GC.GetAllocatedBytesForCurrentThread();
        LineNumbers(view).Should().Equal(1, 3);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(20_000_000);
        view.Report!.Rows.Should().ContainSingle().Which.Reason.Should().Be(BadRowReason.LineTooLong);
    }

    [Fact]
    public void Read_OneLineWithinTheLimit_IsReadWhole()
    {
        string answer = new('x', 8_000_000);
        JsonlDataView view = Pairs(Encoding.UTF8.GetString(s_good), $$"""{"prompt": "q", "chosen": "{{answer}}", "rejected": "b"}""",
            Encoding.UTF8.GetString(s_good));
        Texts(view, "Chosen")[1].Should().HaveLength(answer.Length + """[{"role":"user","content":"q"},{"role":"assistant","content":""}]""".Length);
    }

    [Fact]
    public void Read_ManyRows_HoldsMemoryFlat()
    {
        byte[] line = [.. """{"chosen": [{"role": "user", "content": "A question of some length, as they are"}, {"role": "assistant", "content": "An answer."}], "rejected": [{"role": "user", "content": "A question of some length, as they are"}, {"role": "assistant", "content": "Another."}]}"""u8, (byte)'\n'];
        JsonlDataView view = Pairs(new PreferenceFileOptions(),
            new JsonlSource(Name, () => new SyntheticStream(Enumerable.Repeat((ReadOnlyMemory<byte>)line, 60_000))));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["LineNumber"]]);
        for (int warmup = 0; warmup < 1_000; warmup++)
            cursor.MoveNext();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long rows = 0;
        while (cursor.MoveNext())
            rows++;
        rows.Should().Be(59_000);
        ((GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)rows).Should()
            .BeLessThan(16, "checking a row allocates nothing that grows with the file");
    }

    [SkippableFact]
    public void Read_LargePermissiveFile_IsFastAndWhole()
    {
        JsonlSource file = JsonlSource.File(TestFiles.Shared("fetched", "preferences", "large_permissive.jsonl"));
        JsonlDataView view = Pairs(new PreferenceFileOptions(), file);
        Stopwatch clock = Stopwatch.StartNew();
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<ReadOnlyMemory<char>> chosen = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Chosen"]);
        ValueGetter<ReadOnlyMemory<char>> rejected = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Rejected"]);
        ReadOnlyMemory<char> value = default;
        long rows = 0, characters = 0;
        while (cursor.MoveNext())
        {
            chosen(ref value);
            characters += value.Length;
            rejected(ref value);
            characters += value.Length;
            rows++;
        }
        rows.Should().Be(28_844);
        characters.Should().BeGreaterThan(20_000_000);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5), "it takes about 0.3 s on an idle core");
    }

    [SkippableTheory]
    [InlineData("preferences/dpo_en_zh_584.jsonl", 584)]
    [InlineData("preferences/gsm8k_solutions_pairs.jsonl", 5_697)]
    public void Read_RealPairs_AreAllGood(string file, int rows)
    {
        string path = TestFiles.Shared(["fetched", .. file.Split('/')]);
        Texts(Pairs(new PreferenceFileOptions(), JsonlSource.File(path)), "Rejected").Should().HaveCount(rows);
    }

    private static SyntheticStream HugeLine()
    {
        byte[] part = new byte[1_000_000];
        part.AsSpan().Fill((byte)'x');
        return new SyntheticStream([(byte[])[.. s_good, (byte)'\n'], .. Enumerable.Repeat((ReadOnlyMemory<byte>)part, HugeLineBytes / part.Length),
            (byte[])[(byte)'\n', .. s_good]]);
    }
}
