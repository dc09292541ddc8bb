using System.IO.Compression;
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

    [Fact]
    public void Update_AnyLength_IsTheSameByTablesAndByProducts()
    {
        byte[] bytes = new byte[700];
        new Random(2).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
            Crc32.Update(0x1234_5678, bytes.AsSpan(0, length)).Should().Be(Crc32.UpdateByTables(0x1234_5678, bytes.AsSpan(0, length)), "{0} bytes", length);
    }

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1_000_003)]
    public void Update_RandomBytes_IsTheFrameworksChecksum(int length)
    {
        byte[] bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        using MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("a").Open();
            entry.Write(bytes);
        }

        using ZipArchive read = new(file);
        Crc32.Update(0, bytes).Should().Be(read.Entries[0].Crc32);
    }
}
