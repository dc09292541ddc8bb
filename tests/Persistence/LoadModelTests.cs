using System.IO.Compression;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>The verbs that load and save ML.NET's files: one sentence for what is wrong, and no file half written.</summary>
public sealed class LoadModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context;

    public LoadModelTests() => _context = new MLContext(seed: 1) { TempFilePath = Directory.CreateDirectory(_folder.File("temp")).FullName };

    public static TheoryData<string> Cases => TransformCases.NamesOfParts;

    public void Dispose() => ModelFolders.Delete(_folder.Path);

    [Theory, MemberData(nameof(Cases))]
    public void LoadModel_SavedChain_IsTheOneThatMLNetLoads(string name)
    {
        using SavedModel saved = new(TransformCases.Named(name));

        ITransformer loaded = saved.Context.Preferences.LoadModel(saved.Path, out DataViewSchema? schema);

        loaded.GetOutputSchema(saved.Data.Schema).Select(c => (c.Name, c.Type)).Should()
            .Equal(saved.Load().GetOutputSchema(saved.Data.Schema).Select(c => (c.Name, c.Type)));
        schema!.Select(c => c.Name).Should().Equal(saved.Data.Schema.Select(c => c.Name));
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void LoadModel_FaultOfOurOwn_ComesFirstAndAlone()
    {
        string path = Save();
        Edit(path, "TransformerChain/policy.safetensors", bytes => bytes[..^4]);

        InvalidDataException thrown = FluentActions.Invoking(() => _context.Preferences.LoadModel(path)).Should().Throw<InvalidDataException>().Which;

        thrown.Message.Should().StartWith($"{path} cannot be loaded: The model's entry 'TransformerChain").And.Contain("policy.safetensors")
            .And.NotContain("target of an invocation").And.NotContain("class instantiation");
        FluentActions.Invoking(() => _context.Model.Load(path, out _)).Should().Throw<Exception>().Which.GetBaseException().Should()
            .BeOfType<FormatException>();
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(1)]
    public void LoadModel_ChainThatClaimsOtherLengths_IsRefusedBeforeAnythingIsMade(int length)
    {
        string path = SaveChain();
        Edit(path, "TransformerChain/Model.key", bytes =>
        {
            BitConverter.TryWriteBytes(bytes.AsSpan((int)BitConverter.ToInt64(bytes, 0x10)), length);
            return bytes;
        });

        Refusal.Measured(() => _context.Preferences.LoadModel(path)).Should().BeOfType<InvalidDataException>().Which.Message.Should()
            .Contain($"claims a chain of {length} transformers, and the file has ");
    }

    [Fact]
    public void LoadModel_EntryThatUnpacksToGigabytes_IsRefusedSoon()
    {
        string path = Save();
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            using Stream stream = archive.CreateEntry("Schema", CompressionLevel.Fastest).Open();
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 300; i++)
                stream.Write(block);
        }

        Refusal.Measured(() => _context.Preferences.LoadModel(path)).Should().BeOfType<InvalidDataException>().Which.Message.Should()
            .Contain("unpack to 314572800");
    }

    [SkippableTheory]
    [MemberData(nameof(SpecialFile.Kinds), MemberType = typeof(SpecialFile))]
    public void LoadModel_SpecialFile_IsRefusedWithItsKind(string kind, string expected)
    {
        SpecialFile.Make(_folder.File("model.zip"), kind);
        Refusal.Measured(() => _context.Preferences.LoadModel(_folder.File("model.zip"))).Should().BeOfType<InvalidDataException>().Which.Message.Should()
            .Contain(expected);
    }

    [Fact]
    public void LoadModel_NoFile_SaysSo() => FluentActions.Invoking(() => _context.Preferences.LoadModel(_folder.File("none.zip"))).Should()
        .Throw<FileNotFoundException>();

    // A third damages the file's bytes, a third an entry that is then stored with a right checksum, a third an entry of ML.NET's own.
    [Fact]
    public void LoadModel_TwoThousandMutationsOfAChain_EndInInvalidDataExceptionOrAModel()
    {
        byte[] valid = File.ReadAllBytes(SaveChain());
        string[] entries = Names(valid), foreign = [.. entries.Where(entry => entry.EndsWith("Model.key") || entry == "Schema")];
        foreign.Should().HaveCountGreaterThan(2);
        Random random = new(2027);
        string path = _folder.File("mutated.zip");
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] mutated = (i % 3) switch
            {
                0 => FuzzTests.Mutate(valid, random),
                1 => Edited(valid, entries[random.Next(entries.Length)], bytes => FuzzTests.Mutate(bytes, random)),
                _ => Edited(valid, foreign[random.Next(foreign.Length)], bytes => FuzzTests.Mutate(bytes, random)),
            };
            File.WriteAllBytes(path, mutated);
            Exception? thrown = Refusal.Measured(() => (_context.Preferences.LoadModel(path) as IDisposable)?.Dispose());
            if (thrown is null)
                continue;
            refused++;
            thrown.Should().BeOfType<InvalidDataException>("mutation {0} must end clearly, and not in {1}", i, thrown);
            thrown.Message.Should().StartWith(path).And.Match(m => m.Length < 10_000);
        }
        refused.Should().BeInRange(1000, 1999);
    }

    [Fact]
    public void SaveAtomically_Model_IsTheFileThatSaveWrites()
    {
        using DpoTransformer scorer = TinyScorer.Create();
        string path = _folder.File("dpo.zip");

        _context.Model.SaveAtomically(scorer, null, path);

        Names(File.ReadAllBytes(path)).Should().Equal(Names(TinyScorer.Save(_context, scorer)));
        ((IDisposable)_context.Preferences.LoadModel(path)).Dispose();
        Directory.GetFiles(_folder.Path).Should().Equal(path);
    }

    [SkippableFact]
    public void SaveAtomically_FullDisk_LeavesTheOldFile_AsTheOtherSavesDo()
    {
        using SmallDisk disk = new(96);
        using DpoTransformer small = TinyScorer.Create(withReference: false), large = TinyScorer.Create();
        using PretrainedModel model = SmallModel.Create();
        string path = Path.Combine(disk.Path, "dpo.zip"), checkpoint = Path.Combine(disk.Path, "a.pth");
        _context.Model.SaveAtomically(small, null, path);
        byte[] old = File.ReadAllBytes(path);
        File.WriteAllBytes(checkpoint, [1, 2, 3]);
        using (FileStream filler = File.Create(Path.Combine(disk.Path, "filler")))
            filler.Write(new byte[(96 << 10) - old.Length - (12 << 10)]);

        FluentActions.Invoking(() => _context.Model.SaveAtomically(large, null, path)).Should().Throw<IOException>();
        FluentActions.Invoking(() => model.SaveCheckpoint(checkpoint)).Should().Throw<IOException>();
        FluentActions.Invoking(() => model.SaveModel(Path.Combine(disk.Path, "model"))).Should().Throw<IOException>();

        File.ReadAllBytes(path).Should().Equal(old);
        File.ReadAllBytes(checkpoint).Should().Equal(1, 2, 3);
        Directory.GetFiles(disk.Path, "*", SearchOption.AllDirectories).Should().HaveCount(3, "nothing half written is left");
        Directory.Delete(Path.Combine(disk.Path, "model"), recursive: true);
        foreach (string file in Directory.GetFiles(disk.Path))
            File.Delete(file);
    }

    [SkippableFact]
    public void SaveAtomically_DeviceAsTheTarget_IsNotReplaced()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs /dev/full");
        using DpoTransformer scorer = TinyScorer.Create();
        FluentActions.Invoking(() => _context.Model.SaveAtomically(scorer, null, "/dev/full")).Should().Throw<IOException>()
            .WithMessage("*a character device*");
    }

    private string Save()
    {
        using DpoTransformer scorer = TinyScorer.Create();
        _context.Model.SaveAtomically(scorer, null, _folder.File("model.zip"));
        return _folder.File("model.zip");
    }

    private string SaveChain()
    {
        using SavedModel saved = new(TransformCases.Named("PreparePreferencePairs"));
        File.Copy(saved.Path, _folder.File("chain.zip"), overwrite: true);
        return _folder.File("chain.zip");
    }

    private static string[] Names(byte[] zip)
    {
        using ZipArchive archive = new(new MemoryStream(zip));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static void Edit(string path, string name, Func<byte[], byte[]> change) => File.WriteAllBytes(path, Edited(File.ReadAllBytes(path), name, change));

    private static byte[] Edited(byte[] zip, string name, Func<byte[], byte[]> change)
    {
        using ZipArchive archive = new(new MemoryStream(zip));
        archive.GetEntry(name).Should().NotBeNull("a case that changes nothing tests nothing");
        using MemoryStream file = new();
        using (ZipArchive copy = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using MemoryStream bytes = new();
                using (Stream stream = entry.Open())
                    stream.CopyTo(bytes);
                using Stream target = copy.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                target.Write(entry.FullName == name ? change(bytes.ToArray()) : bytes.ToArray());
            }
        }
        return file.ToArray();
    }
}
