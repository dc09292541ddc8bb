using System.IO.Compression;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class StoredZipWriterTests
{
    [Theory]
    [InlineData(uint.MaxValue - 1)]
    [InlineData(100u)]
    [InlineData(0u)]
    public void Finish_Archive_IsReadByTheFrameworkAndByUs(uint largest)
    {
        byte[][] data = [[.. "first"u8], new byte[5000], [], [7]];
        new Random(2).NextBytes(data[1]);
        using TemporaryFolder folder = new();
        using (FileStream stream = File.Create(folder.File("a.zip")))
        {
            StoredZipWriter zip = new(stream, largest);
            for (int i = 0; i < data.Length; i++)
            {
                byte[] entry = data[i];
                zip.Add($"folder/{i}", entry.Length, target => target.Write(entry));
            }
            zip.Finish();
        }

        using FileByteSource source = FileByteSource.Open(folder.File("a.zip"));
        Dictionary<string, ZipEntry> ours = ZipDirectory.Read(source);
        using ZipArchive framework = ZipFile.OpenRead(folder.File("a.zip"));
        framework.Entries.Should().HaveCount(data.Length);
        for (int i = 0; i < data.Length; i++)
        {
            ZipEntry entry = ours[$"folder/{i}"];
            byte[] bytes = new byte[entry.Length];
            source.Read(entry.Offset, bytes);
            bytes.Should().Equal(data[i]);
            (entry.Offset % 64).Should().Be(0);
            using MemoryStream copy = new();
            using (Stream opened = framework.GetEntry($"folder/{i}")!.Open())
                opened.CopyTo(copy);
            copy.ToArray().Should().Equal(data[i]);
        }
    }

    [Fact]
    public void Add_OtherLengthThanPromised_Throws() =>
        new StoredZipWriter(Stream.Null).Invoking(zip => zip.Add("a", 5, target => target.Write([1]))).Should().Throw<InvalidOperationException>()
            .WithMessage("*1 bytes instead of 5*");
}
