using System.Text;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>A file that grows record by record, and what of it stays.</summary>
public sealed class AppendedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AppendedFile _file;

    public AppendedFileTests() => _file = new AppendedFile(Path);

    private string Path => _folder.File("records.txt");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_Records_FollowOneAnother()
    {
        _file.IsEmpty.Should().BeTrue();
        Append("one ");
        _file.IsEmpty.Should().BeFalse();
        Append("two ");

        Text().Should().Be("one two ");
        _file.Read().Should().Equal(File.ReadAllBytes(Path));
    }

    [Fact]
    public void Append_BehindHalfARecord_OverwritesIt()
    {
        Append("one ");
        File.AppendAllText(Path, "ha");

        Append("two");

        Text().Should().Be("one two", "what was not written whole is no record");
    }

    [Fact]
    public void Append_ToAFileThatSomebodyShortened_GoesOnAtItsEnd()
    {
        Append("one two ");
        File.WriteAllText(Path, "one ");

        Append("three");

        Text().Should().Be("one three");
    }

    [Fact]
    public void Append_ToAFileThatWasTakenAway_BeginsAnew()
    {
        Append("one ");
        File.Delete(Path);
        _file.IsEmpty.Should().BeTrue();

        Append("two");

        Text().Should().Be("two");
    }

    [Fact]
    public void CutTo_Length_KeepsTheFirstBytesAndGoesOnBehindThem()
    {
        Append("one two");

        _file.CutTo(4);
        Text().Should().Be("one ");
        Append("three");

        Text().Should().Be("one three");
    }

    [Fact]
    public void CutTo_Nothing_IsEmptyAndNeedsNoFile()
    {
        Append("one");
        _file.CutTo(0);
        (_file.IsEmpty, Text()).Should().Be((true, ""));
        File.Delete(Path);

        _file.CutTo(0);

        File.Exists(Path).Should().BeFalse();
        _file.Read().Should().BeEmpty();
    }

    [Fact]
    public void Replace_Contents_AreTheNewOnesAndRecordsFollowThem()
    {
        Append("one two three");

        _file.Replace("four "u8);
        _file.IsEmpty.Should().BeFalse();
        Append("five");

        Text().Should().Be("four five");
        Directory.GetFiles(_folder.Path).Should().ContainSingle("no other file is left behind");
    }

    private void Append(string record) => _file.Append(Encoding.UTF8.GetBytes(record));

    private string Text() => File.ReadAllText(Path);
}
