using System.Text;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Records;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class FileContentTests
{
    private const string Row = """{"prompt":"q","chosen":"a","rejected":"b"}""";
    private static readonly byte[] s_rest = new byte[300];

    public static TheoryData<byte[], string> Foreign => new()
    {
        { [.. "PK\x03\x04\x14\0\0\0\x08\0"u8, .. s_rest], "a zip archive; unpack it" },
        { [.. "PK\x05\x06"u8, .. s_rest], "an empty zip archive" },
        { [.. "PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml"u8, .. s_rest], "an Office document (xlsx, docx); save the sheet as CSV in UTF-8" },
        { [.. "PK\x03\x04\0\0\0\0archive/data.pkl"u8, .. s_rest], "a file of PyTorch (.pt)" },
        { [.. "PK\x03\x04\0\0\0\0arr_0.npy"u8, .. s_rest], "an archive of NumPy arrays" },
        { [0x80, 4, 0x95, 1, 0, 0, 0], "a pickle of Python, which can run programs when it is read and is never read here" },
        { [0x80, 2, (byte)'}', (byte)'q', 0], "a pickle of Python" },
        { [.. "ARROW1\0\0"u8, .. s_rest], "an Arrow (Feather) file" },
        { [.. "FEA1"u8, .. s_rest], "a Feather file" },
        { [0xFF, 0xFF, 0xFF, 0xFF, 0x10, 1, 0, 0], "an Arrow stream" },
        { [0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3], "packed by zstd; unpack it" },
        { [0x50, 0x2A, 0x4D, 0x18, 1, 2, 3], "packed by zstd; unpack it" },
        { [.. "BZh91AY&SY"u8, 1, 2], "packed by bzip2" },
        { [0xFD, .. "7zXZ\0"u8, 1], "packed by xz" },
        { [0x04, 0x22, 0x4D, 0x18, 1], "packed by lz4" },
        { [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive" },
        { Utf8("%PDF-1.7\n%"), "a PDF document" },
        { Utf8("{\\rtf1\\ansi"), "an RTF document" },
        { Utf8("<!DOCTYPE html>\n<html>"), "a web page, perhaps the page about the file instead of the file; download the raw file" },
        { Utf8("\uFEFF\n <HTML lang=\"en\">"), "a web page" },
        { Utf8("<?xml version=\"1.0\"?>"), "XML" },
        { Utf8("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
            "a Git LFS pointer, which stands for a file that was not downloaded; run 'git lfs pull'" },
        { Utf8("SQLite format 3\0"), "an SQLite database" },
        { [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], "an Office document of the old kind" },
        { [0x89, .. "HDF\r\n\x1A\n"u8], "an HDF5 file" },
        { [0x93, .. "NUMPY"u8, 1, 0], "a NumPy array" },
        { [.. "PARE"u8, .. s_rest], "an encrypted Parquet file" },
        { [.. "GGUF"u8, 3, 0, 0, 0], "a GGUF model" },
        { [.. "ORC"u8, .. s_rest], "an ORC file" },
        { [0x40, 0, 0, 0, 0, 0, 0, 0, .. "{\"w\":{}}"u8], "a safetensors file" },
        { Utf8("""{"chosen":{"0":"a","1":"c"},"rejected":{"0":"b","1":"d"}}"""),
            "one JSON object of columns, {\"chosen\": {\"0\": ...}}, as pandas' to_json writes it by default; write rows instead: df.to_json(" },
        { Utf8("{\n  \"chosen\": {\n    \"0\": \"a\"\n  }\n}"), "one JSON object of columns" },
        { Utf8("""{"prompt":["q","q2"],"chosen":["a","c"],"rejected":["b","d"]}"""), "one JSON object of columns, {\"prompt\": [...]}" },
        { Utf8($$"""{"chosen":["{{new string('x', 100_000)}}"],"rejected":["b"]}"""), "one JSON object of columns" },
        { Utf8("""{"chosen":[[{"role":"user","content":"q"}]],"rejected":[[{"role":"user","content":"q"}]]}"""), "one JSON object of columns" },
        { Utf8("""{"columns":["chosen"],"index":[0],"data":[["a"]]}"""), "one JSON object of columns" },
        { Utf8($$"""{"version":"1","data":[{{Row}}]}"""), "one JSON object whose 'data' lists the rows" },
    };

    [Theory, MemberData(nameof(Foreign))]
    public void Open_FileThatHoldsNoRows_IsNamedByBothVerbs(byte[] bytes, string name)
    {
        Refusal(bytes).Should().Contain($"the file is {name}");
        Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Source(bytes))).Message.Should().Contain($"the file is {name}");
        if (bytes[0] != '{')
            Refusal(Gzip(bytes)).Should().Contain($"the file is {name}");
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    public void Open_WideText_IsNamed(string encoding, bool withMark)
    {
        foreach (string text in new[] { Row + "\n" + Row, "prompt,chosen,rejected\nq,a,b\n",
            """{"prompt":"天气怎么样呢今天明天后天都是晴天吗","chosen":"是的天气很好很好很好很好很好很好","rejected":"不好不好不好不好不好不好不好不好"}""" })
        {
            Encoding wide = Encoding.GetEncoding(encoding);
            Refusal([.. withMark ? wide.GetPreamble() : [], .. wide.GetBytes(text)]).Should()
                .Contain(encoding == "utf-32" ? "looks like UTF-32" : "looks like UTF-16").And.EndWith("save it as UTF-8.");
        }
    }

    [Fact]
    public void Open_GbkOrLatin_IsNamed()
    {
        // 你好吗 and 天气 in GB18030, café in Latin-1
        byte[] gbk = [0xC4, 0xE3, 0xBA, 0xC3, 0xC2, 0xF0, 0xCC, 0xEC, 0xC6, 0xF8], latin = [.. "caf"u8, 0xE9, .. " cr"u8, 0xE8, .. "me"u8];
        byte[] Rows(byte[] text) => [.. "prompt,chosen,rejected\n"u8,
            .. Enumerable.Repeat<byte[]>([.. text, (byte)',', .. text, (byte)',', (byte)'x', (byte)'\n'], 5).SelectMany(row => row)];
        Refusal(Rows(gbk)).Should().Contain("is not UTF-8 and looks like GBK (GB18030); save it as UTF-8 (such as by iconv -f GB18030 -t UTF-8)");
        Refusal(Rows(latin)).Should().Contain("is not UTF-8, perhaps Latin-1");
    }

    [Fact]
    public void Open_ZeroBytes_AreNamed() => Refusal(new byte[100_000]).Should().Contain("nothing but zero bytes");

    [Fact]
    public void Open_ProseOrYaml_IsRefusedWithItsBeginning()
    {
        Refusal(Utf8("chosen: a\nrejected: b\n")).Should()
            .Contain("begins with 'chosen: a\\u000arejected: b\\u000a', which is no JSON and no header of a table. Files that can be read: JSON lines,");
        Refusal(Utf8("chosen\na\n")).Should().Contain("A table of one column needs Delimiter");
    }

    [Theory]
    [InlineData("[1, 2]\n" + Row)]
    [InlineData("no json, but with commas\n" + Row)]
    [InlineData("{\"prompt\": \"cut off\n" + Row)]
    [InlineData("{\"prompt\": \"q\",\n" + Row)]
    [InlineData("\"text\"\n" + Row)]
    public void Open_LinesWithABadFirstLine_AreLines(string text)
    {
        foreach (JsonlDataView view in new[] { View(Utf8(text), new() { BadRows = BadRowPolicy.Skip }),
            Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Source(Utf8(text))) })
        {
            LineNumbers(view).Should().Equal(2);
            view.Report!.BadRowCount.Should().Be(1);
        }
    }

    [Theory]
    [InlineData("[" + Row + "]", "a JSON array")]
    [InlineData("[\n" + Row + "\n]", "a JSON array")]
    [InlineData("{\n\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}", "JSON written over several lines")]
    [InlineData("prompt,chosen,rejected\nq,a,b", "a table with a header (CSV)")]
    public void Open_OtherKindAsLines_IsNamedWithTheVerbThatReadsIt(string text, string name)
    {
        Fault(Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip }, Source(Utf8(text)))).Message
            .Should()
                .Be($"dpo.jsonl: the file is {name}, and this verb reads one JSON object per line; read it by the verb for files of every kind " +
                "(LoadFromFile, LoadConversationsFromFile).");
        Fault(Pairs(new PreferenceFileOptions(), Source(Gzip(Utf8(text))))).Message.Should().StartWith("dpo.jsonl: the file is a gzip file, and ");
    }

    [Fact]
    public void Open_OneRowOverOneOrManyLines_IsRead()
    {
        Rows(View(Utf8(Row))).Should().Equal("q|a > b");
        Rows(View(Utf8("""{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}"""))).Should().Equal("q|a > b");
    }

    [Fact]
    public void Read_Beginning_IsBoundedAndFast()
    {
        byte[] nested = Utf8(new string('[', FileContentReader.BeginningBytes));
        FileContentReader.Read(nested).Kind.Should().Be(FileKind.Array);
        FileContentReader.Read(Utf8(new string('{', FileContentReader.BeginningBytes))).Kind.Should().Be(FileKind.Lines);
    }
}
