using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>Named entries of a component: what is written comes back, stored as is, and nothing goes through temporary files.</summary>
public sealed class ModelEntryTests
{
    private static readonly ModelFormat s_format = new("MM ENTRY", "MiniMindEntryTest");

    private readonly MLContext _context = new();

    [Fact]
    public void WriteStored_LargeEntry_IsStoredAndReadBack()
    {
        byte[] bytes = new byte[3 << 20];
        new Random(1).NextBytes(bytes);
        using MemoryStream file = new();

        Save(file, writer =>
        {
            writer.WriteStored("weights.bin", stream => stream.Write(bytes));
            writer.WriteJson("options.json", new Options(3, "three"));
        });

        using (ZipArchive archive = new(file, ZipArchiveMode.Read, leaveOpen: true))
        {
            ZipArchiveEntry entry = archive.Entries.Single(e => e.Name == "weights.bin");
            entry.CompressedLength.Should().Be(bytes.Length, "the entry is not compressed");
        }
        Load(file, reader =>
        {
            reader.Contains("weights.bin").Should().BeTrue();
            reader.Contains("missing.bin").Should().BeFalse();
            reader.ReadJson("options.json", (Options options) => options).Should().Be(new Options(3, "three"));
            return reader.ReadStored("weights.bin", entry =>
            {
                byte[] read = new byte[entry.Length];
                entry.Stream.ReadExactly(read);
                entry.Checksum.Should().Be(Crc32.Update(0, read));
                return read;
            });
        }).Should().Equal(bytes);
    }

    [Fact]
    public void WriteStored_WhileSaving_TouchesNoTemporaryFile()
    {
        string folder = Directory.CreateTempSubdirectory("entries-").FullName;
        try
        {
            _context.TempFilePath = folder;
            using MemoryStream file = new();
            long largest = 0;

            Save(file, writer => writer.WriteStored("weights.bin", stream =>
            {
                stream.Write(new byte[1 << 20]);
                largest = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Max(path => new FileInfo(path).Length);
            }));

            largest.Should().BeLessThan(4096, "ML.NET's own header entry is the only one that goes through a file");
            Directory.EnumerateFileSystemEntries(folder).Should().BeEmpty();
        }
        finally
        {
            ModelFolders.Delete(folder);
        }
    }

    [Fact]
    public void ReadStored_BytesEndEarly_NamesTheEntry()
    {
        using MemoryStream file = new();
        Save(file, writer => writer.WriteStored("weights.bin", stream => stream.Write(new byte[100])));

        Exception cause = DamagedModelTests.Cause(() => Load(file, reader => reader.ReadStored("weights.bin", entry =>
        {
            entry.Stream.ReadExactly(new byte[entry.Length + 1]);
            return 0;
        })));

        cause.Should().BeOfType<FormatException>().Which.Message.Should().Contain("weights.bin");
    }

    [Fact]
    public void ReadJson_KeyMissing_NamesIt()
    {
        using MemoryStream file = new();
        Save(file, writer => writer.WriteJson("options.json", new { Number = 3 }));

        DamagedModelTests.Cause(() => Load(file, reader => reader.ReadJson("options.json", (Options options) => options)))
            .Should().BeOfType<FormatException>().Which.Message.Should().Contain("options.json").And.Contain("Name");
    }

    [Fact]
    public void Load_PartOfAnotherKind_Throws()
    {
        using MemoryStream file = new();
        Save(file, writer => writer.WriteJson("options.json", 1));

        DamagedModelTests.Cause(() => Load(file, reader => 0, new ModelFormat("MM OTHER", "MiniMindOther"))).Should().BeOfType<FormatException>();
    }

    private void Save(Stream file, Action<ModelEntryWriter> write) => _context.Model.Save(new Component(write), inputSchema: null, file);

    private T Load<T>(Stream file, Func<ModelEntryReader, T> read, ModelFormat? format = null)
    {
        file.Position = 0;
        using RepositoryReader repository = RepositoryReader.Open(file, null, useFileSystem: false);
        using Repository.Entry header = repository.OpenEntry("TransformerChain", "Model.key");
        using ModelLoadContext context = new(repository, header, "TransformerChain");
        return read(new ModelEntryReader(context, format ?? s_format));
    }

    private sealed record Options(int Number, string Name);

    private sealed class Component(Action<ModelEntryWriter> write) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;

        public void Save(ModelSaveContext ctx) => write(new ModelEntryWriter(ctx, s_format));
    }
}
