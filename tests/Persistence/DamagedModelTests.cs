using System.IO.Compression;
using System.Text;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>Files that are not as they were saved give an error that says what is wrong, and no transformer.</summary>
public sealed class DamagedModelTests
{
    private const int VersionWrittenOffset = 8 * 8 + 8; // in ML.NET's model header: after its magic number, eight offsets and the model signature
    private const int LoaderNameOffset = VersionWrittenOffset + 8;

    public static TheoryData<string> Cases => TransformCases.NamesOfParts;

    [Theory, MemberData(nameof(Cases))]
    public void Load_Truncated_Throws(string name)
    {
        using SavedModel saved = new(TransformCases.Named(name));
        using (FileStream file = File.Open(saved.Path, FileMode.Open))
            file.SetLength(file.Length * 2 / 3);

        ((Action)(() => saved.Load())).Should().Throw<FormatException>().WithMessage("*zip*");
        Directory.EnumerateFiles(saved.TempFolder, "*", SearchOption.AllDirectories).Should()
            .BeEmpty("ML.NET leaves an empty folder until its finalizer runs, and no files");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Load_EntryMissing_NamesIt(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        foreach (string entry in OwnEntries(tested))
        {
            using SavedModel saved = new(tested);
            saved.Edit(path => path == entry, e => e.Delete());

            Cause(() => saved.Load()).Should().BeOfType<FormatException>().Which.Message.Should().Contain($"no entry '{entry}'");
            Directory.EnumerateFileSystemEntries(saved.TempFolder).Should().BeEmpty();
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Load_JsonEntryCutOrWithAnUnknownKey_NamesIt(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        foreach (string entry in OwnEntries(tested).Where(e => e.EndsWith("settings.json")))
        {
            foreach (Func<string, string> damage in (Func<string, string>[])[json => json[..(json.Length / 2)], json => "{\"Unheard\":1," + json[1..],
                _ => "null"])
            {
                using SavedModel saved = new(tested);
                saved.Edit(path => path == entry, e => Rewrite(e, bytes => Encoding.UTF8.GetBytes(damage(Encoding.UTF8.GetString(bytes)))));

                Cause(() => saved.Load()).Should().BeOfType<FormatException>().Which.Message.Should().Contain($"entry '{entry}' cannot be read");
            }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Load_OfANewerFormat_SaysToUpdate(string name)
    {
        using SavedModel saved = new(TransformCases.Named(name));
        saved.Edit(IsHeader, entry => Rewrite(entry, bytes =>
        {
            if (!Encoding.ASCII.GetString(bytes, LoaderNameOffset, 8).Equals("MiniMind"))
                return bytes;
            BitConverter.TryWriteBytes(bytes.AsSpan(VersionWrittenOffset), 7);
            BitConverter.TryWriteBytes(bytes.AsSpan(VersionWrittenOffset + 4), 7);
            return bytes;
        }));

        Cause(() => saved.Load()).Should().BeOfType<FormatException>()
            .Which.Message.Should().Contain("format 7, which a newer version of MiniMind.MLNet.Dpo wrote").And.Contain("Update the package");
    }

    /// <summary>What went wrong below the wrappers of ML.NET's reflection.</summary>
    internal static Exception Cause(Action load) => load.Should().Throw<Exception>().Which.GetBaseException();

    private static bool IsHeader(string path) => path.EndsWith("Model.key");

    private static List<string> OwnEntries(TransformCase tested)
    {
        using SavedModel saved = new(tested);
        using ZipArchive archive = ZipFile.OpenRead(saved.Path);
        return [.. archive.Entries.Select(e => e.FullName).Where(path => path.StartsWith("TransformerChain") && !IsHeader(path))];
    }

    private static void Rewrite(ZipArchiveEntry entry, Func<byte[], byte[]> change)
    {
        using Stream stream = entry.Open();
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        stream.SetLength(0);
        stream.Write(change(bytes));
    }
}
