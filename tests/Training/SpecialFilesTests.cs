using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Records;
using MiniMind.MLNet.Dpo.Training.References;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Checkpoints, run directories and reference caches whose files are pipes or devices: a clear error or warning, and never a wait.</summary>
public sealed class SpecialFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Kinds => SpecialFile.Kinds;

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("state.json", "pipe", "a named pipe")]
    [InlineData("state.json", "link to /dev/zero", "a character device")]
    [InlineData("state.sha256", "link to /dev/zero", "a character device")]
    [InlineData("optimizer.safetensors", "pipe", "a named pipe")]
    [InlineData("optimizer.safetensors", "link to /dev/zero", "a character device")]
    public void Read_CheckpointWithASpecialFile_IsRefused(string name, string kind, string expected)
    {
        using (RunBed bed = new(_folder.Path))
            bed.Train();
        string newest = new CheckpointFolder(_folder.Path).Newest[0].Path;
        SpecialFile.Make(Path.Combine(newest, name), kind);

        Refusal.Measured(() => CheckpointReader.Read(newest)).Should().BeOfType<InvalidDataException>().Which.Message.Should().Contain(expected)
            .And.Contain(name);
    }

    [Theory]
    [InlineData("state.json")]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    public void Read_CheckpointWithAHugeSparseFile_IsRefusedWithoutReadingIt(string name)
    {
        using (RunBed bed = new(_folder.Path))
            bed.Train();
        string newest = new CheckpointFolder(_folder.Path).Newest[0].Path;
        using (FileStream file = File.OpenWrite(Path.Combine(newest, name)))
            file.SetLength(5L << 30);

        Refusal.Measured(() => CheckpointReader.Read(newest)).Should().BeOfType<InvalidDataException>().Which.Message.Should()
            .Contain($"'{name}' is not what was written");
    }

    [Fact]
    public void AppendedFile_HugeSparseFile_IsRefusedWithoutReadingIt()
    {
        string path = _folder.File("metrics.jsonl");
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(5L << 30);

        Refusal.Measured(() => new AppendedFile(path).Read()).Should().BeAssignableTo<IOException>().Which.Message.Should().Contain(path)
            .And.Contain("at most");
    }

    [SkippableFact]
    public void Lock_PipeInPlaceOfTheLock_DoesNotWait()
    {
        SpecialFile.Make(_folder.File(".lock"), "pipe");
        Refusal.Measured(() => new CheckpointFolder(_folder.Path).Lock()).Should().BeOfType<IOException>().Which.Message.Should().Contain("a named pipe");
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void AppendedFile_SpecialFile_IsAnErrorThatTheRunSurvives(string kind, string expected)
    {
        string path = _folder.File("metrics.jsonl");
        SpecialFile.Make(path, kind);

        Refusal.Measured(() => new AppendedFile(path).Read()).Should().BeAssignableTo<IOException>().Which.Message.Should().Contain(expected);
        Refusal.Measured(() => new AppendedFile(path).Append([1])).Should().BeAssignableTo<IOException>().Which.Message.Should().Contain(expected);
        Refusal.Measured(() => ReplacedFile.Write(path, [1])).Should().BeAssignableTo<IOException>().Which.Message.Should().Contain(expected);
        RunRecord.Earlier(path).StartedAt.Should().BeNull();
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void GetOrCompute_SpecialFile_ComputesAgainWithAWarning(string kind, string expected)
    {
        List<string> warnings = [];
        ReferenceCache cache = new(_folder.Path, warnings.Add);
        string key = new('a', 64);
        SpecialFile.Make(cache.PathOf(key), kind);

        Refusal.Measured(() => cache.GetOrCompute(key, 2, new SingleProcess(), () => new PrecomputedReference([1, 2], [3, 4])).Chosen.Should().Equal(1, 2))
            .Should().BeNull();

        warnings.Should().NotBeEmpty().And.Contain(w => w.Contains(expected));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void WriteOne_SpecialFileAsTheTarget_IsNotReplaced(string kind, string expected)
    {
        string path = _folder.File("a.bin");
        SpecialFile.Make(path, kind);

        FluentActions.Invoking(() => AtomicFileSet.WriteOne(path, stream => stream.WriteByte(1))).Should().Throw<IOException>().Which.Message.Should()
            .Contain(expected);
    }

    [Fact]
    public void WriteOne_NameOf250Bytes_IsWritten()
    {
        string path = _folder.File(new string('n', 246) + ".pth");
        AtomicFileSet.WriteOne(path, stream => stream.WriteByte(1));
        File.ReadAllBytes(path).Should().Equal(1);
    }
}
