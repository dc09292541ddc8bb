using System.Text;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class LineReaderTests
{
    [Theory]
    [InlineData("a\nbc\n", "1:a", "2:bc")]
    [InlineData("a\nbc", "1:a", "2:bc")]
    [InlineData("a\r\n\r\nb\rc\r\n", "1:a", "2:", "3:b\rc")]
    [InlineData("\uFEFFa\n\uFEFFb\n", "1:a", "2:\uFEFFb")]
    [InlineData("\n", "1:")]
    [InlineData("")]
    [InlineData("\uFEFF", "1:")]
    [InlineData("1234567890\nb", "1:1234567890", "2:b")]
    [InlineData("12345678901\nb\n", "1!", "2:b")]
    [InlineData("a\n123456789012345678901234567890", "1:a", "2!")]
    [InlineData("123456789012345678901234567890\r\nb\n123456789012345678901234567890\n\nc", "1!", "2:b", "3!", "4:", "5:c")]
    public void Read_Lines_AreNumberedAndBounded(string text, params string[] expected)
    {
        for (int chunk = 1; chunk < 20; chunk++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            using LineReader reader = new(new SyntheticStream(bytes.Chunk(chunk).Select(part => (ReadOnlyMemory<byte>)part)), maxLineBytes: 10);
            List<string> lines = new();
            for (LineStatus status = reader.Read(); status != LineStatus.End; status = reader.Read())
                lines.Add(status == LineStatus.TooLong ? $"{reader.LineNumber}!" : $"{reader.LineNumber}:{Encoding.UTF8.GetString(reader.Line)}");
            lines.Should().Equal(expected, "chunks of {0} bytes change nothing", chunk);
            reader.Read().Should().Be(LineStatus.End, "the end stays the end");
        }
    }

    [Fact]
    public void Read_LinesAroundTheBufferSize_AreWhole()
    {
        string[] lines = [.. Enumerable.Range(0, 38).Select(i => new string((char)('a' + (i % 26)), 20_000 * (i % 13)))];
        using LineReader reader = new(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), maxLineBytes: 1 << 20);
        foreach (string line in lines)
        {
            reader.Read().Should().Be(LineStatus.Line);
            Encoding.UTF8.GetString(reader.Line).Should().Be(line);
        }
        reader.Read().Should().Be(LineStatus.End);
    }

    [Fact]
    public void Dispose_Twice_DisposesTheStreamOnce()
    {
        SyntheticStream stream = new([]);
        LineReader reader = new(stream, 10);
        reader.Dispose();
        reader.Dispose();
        stream.IsDisposed.Should().BeTrue();
    }
}
