using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class Crc32Tests
{
    [Fact]
    public void Update_CheckText_IsTheKnownChecksum() => Crc32.Update(0, "123456789"u8).Should().Be(0xCBF43926, "this is the check value of the zip checksum");

    [Fact]
    public void Update_InPieces_IsTheSame()
    {
        byte[] bytes = new byte[1000];
        new Random(1).NextBytes(bytes);

        uint pieces = Crc32.Update(Crc32.Update(Crc32.Update(0, bytes.AsSpan(0, 13)), bytes.AsSpan(13, 500)), bytes.AsSpan(513));

        pieces.Should().Be(Crc32.Update(0, bytes));
    }
}
