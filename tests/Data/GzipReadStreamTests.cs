using System.Text;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Records;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class GzipReadStreamTests
{
    private const string Line = """{"prompt":"q","chosen":"a","rejected":"b"}""" + "\n";

    public static TheoryData<string> Texts { get; } = ["", "x", Line, string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i * 7919L % 100_003},")),
        new string('a', 500_000)];

    [Theory, MemberData(nameof(Texts))]
    public void Read_WholeMembers_GivesTheirBytes(string text)
    {
        byte[] member = Gzip(Utf8(text));
        Unpack(member).Should().Equal(Utf8(text));
        Unpack([.. member, .. member, .. member]).Should().Equal(Utf8(text + text + text));
        Unpack([.. member, 0, 0, 0, 0]).Should().Equal(Utf8(text), "archivers fill up blocks with zeros");
    }

    [Fact]
    public void Read_MembersOfManySizes_AreToldApart()
    {
        Random random = new(5);
        MemoryStream packed = new();
        StringBuilder expected = new();
        for (int i = 0; i < 300; i++)
        {
            string part = new([.. Enumerable.Range(0, random.Next(0, 3000)).Select(_ => (char)random.Next('a', 'z'))]);
            expected.Append(part);
            packed.Write(Gzip(Utf8(part)));
        }
        Unpack(packed.ToArray()).Should().Equal(Utf8(expected.ToString()));
    }

    [Fact]
    public void Read_HeaderWithEveryField_IsPassedOver()
    {
        byte[] member = Gzip(Utf8(Line));
        byte[] header = [0x1F, 0x8B, 8, 0b11110, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "dpo.jsonl\0"u8, .. "a note\0"u8, 0xAB, 0xCD];
        Unpack([.. header, .. member[10..]]).Should().Equal(Utf8(Line));
    }

    [Fact]
    public void Read_EveryTruncation_IsAnError()
    {
        byte[] member = Gzip(Utf8(string.Concat(Enumerable.Range(0, 40).Select(i => $"{i * 7919 % 1009},"))));
        for (int length = 1; length < member.Length; length++)
        {
            FluentActions.Invoking(() => Unpack(member[..length])).Should().Throw<PreferenceDataException>("{0} of {1} bytes are there", length, member.Length);
            FluentActions.Invoking(() => Unpack([.. member, .. member[..length]])).Should().Throw<PreferenceDataException>("the second member is cut");
        }
    }

    [Fact]
    public void Read_EveryFlippedBitOfDataAndTrailer_IsAnError()
    {
        byte[] text = Utf8(string.Concat(Enumerable.Range(0, 40).Select(i => $"{i * 7919 % 1009},")));
        byte[] member = Gzip(text);
        int harmless = 0;
        for (int i = 10 * 8; i < member.Length * 8; i++)
        {
            byte[] damaged = [.. member];
            damaged[i / 8] ^= (byte)(1 << (i % 8));
            try
            {
                Unpack(damaged).Should().Equal(text, "bit {0} is damaged without an error", i);
                harmless++;
            }
            catch (PreferenceDataException fault)
            {
                fault.Message.Should().Match("pairs: the gzip file cannot be unpacked beyond * bytes of its content: *; copy or make it anew.");
            }
        }
        harmless.Should().BeLessThan(8, "only the bits that fill up the last byte of the data mean nothing");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("\0\0garbage")]
    [InlineData("\u001F")]
    public void Read_BytesAfterTheEnd_AreNotPassedOver(string rest) =>
        FluentActions.Invoking(() => Unpack([.. Gzip(Utf8(Line)), .. Utf8(rest)])).Should().Throw<PreferenceDataException>();

    [Fact]
    public void Read_TruncatedFile_FailsAfterItsGoodRowsEvenWhenSkipping()
    {
        byte[] packed = Gzip(Utf8(string.Concat(Enumerable.Repeat(Line, 10_000))))[..^9];
        Refusal(packed).Should().Contain("the copy is incomplete");
        Refusal(packed, new() { BadRows = BadRowPolicy.Skip }).Should().Contain("the copy is incomplete");
    }

    [Theory]
    [InlineData("""{"prompt":"q","chosen":"a","rejected":"b"}""")]
    [InlineData("""[{"prompt":"q","chosen":"a","rejected":"b"}]""")]
    [InlineData("prompt,chosen,rejected\nq,a,b")]
    [InlineData("{\n\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}")]
    public void Read_PackedFileOfAnyKind_GivesItsRows(string text) => Rows(View(Gzip(Utf8(text)))).Should().Equal("q|a > b");

    [Fact]
    public void Read_PackedPackedFileOrParquetOrTar_IsRefused()
    {
        Refusal(Gzip(Gzip(Utf8(Line)))).Should().Contain("holds another gzip file");
        Refusal(Gzip(Utf8("PAR1abcdPAR1"))).Should().Contain("holds a Parquet file");
        byte[] tar = new byte[1024];
        "name"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refusal(Gzip(tar)).Should().Contain("what the gzip file holds cannot be read: the file is a tar archive");
    }

    private static byte[] Unpack(byte[] packed)
    {
        MemoryStream bytes = new();
        using GzipReadStream stream = new(new MemoryStream(packed), FileBytes.Name);
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
