using System.Text;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class Utf8TextTests
{
    [Theory]
    [InlineData("plain", -1)]
    [InlineData("""\ud83d\ude00 \uD83D\uDE00 \uDbff\udFFF""", -1)]
    [InlineData("""\\ud83d""", -1)]
    [InlineData("""ab\ud83d""", 2)]
    [InlineData("""\ude00""", 0)]
    [InlineData("""\ud83d\ud83d\ude00""", 0)]
    [InlineData("""\ud83d\\ude00""", 0)]
    [InlineData("""\ud83dx\ude00""", 0)]
    [InlineData("""\\\ud83d""", 2)]
    [InlineData("""\ud83d\""", 0)]
    [InlineData("""\\ud83d\""", -1)]
    [InlineData("""\ud7ff \ue000 \ud8""", -1)]
    public void FirstUnpairedSurrogate_Escapes_MustComeInPairs(string json, int expected) =>
        Utf8Text.FirstUnpairedSurrogate(Encoding.UTF8.GetBytes(json)).Should().Be(expected);

    [Theory]
    [InlineData(new byte[] { 0x61, 0xC3, 0xA9 }, -1)]
    [InlineData(new byte[] { 0x61, 0xC3 }, 1)]
    [InlineData(new byte[] { 0xC3, 0xA9, 0x80 }, 2)]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, 0)]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98, 0x80, 0xC0, 0x80 }, 4)]
    public void FirstInvalidByte_Bytes_AreFound(byte[] bytes, int expected) => Utf8Text.FirstInvalidByte(bytes).Should().Be(expected);
}
