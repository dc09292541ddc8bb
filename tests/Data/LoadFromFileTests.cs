using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public sealed class LoadFromFileTests : IDisposable
{
    private const string Row = """{"prompt":"q","chosen":"a","rejected":"b"}""";
    private readonly MLContext _context = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void LoadFromFile_FilesOfEveryKindWithWrongNames_GiveOneView()
    {
        string[] paths =
        [
            Write("a.parquet", Utf8(Row)), Write("b.jsonl", Utf8($"[{Row}]")), Write("c.json", Utf8("prompt;chosen;rejected\nq;a;b")),
                Write("d.csv", Gzip(Utf8(Row))),
            Write("e.gz", ParquetFiles.Texts(1, ("q", "a", "b"))), Write("f", Gzip(Utf8($"[\n{Row}\n]"))),
                Write("g.zip", Gzip(Utf8("prompt\tchosen\trejected\nq\ta\tb"))),
        ];
        IDataView view = _context.Preferences.LoadFromFile(paths, new PreferenceFileOptions { FileColumnName = "File" });
        for (int pass = 0; pass < 2; pass++)
        {
            Rows(view).Should().HaveCount(7).And.OnlyContain(row => row == "q|a > b");
            Texts(view, "File").Should().Equal(paths);
            LineNumbers(view).Should().Equal(1, 1, 2, 1, 1, 2, 2);
        }
    }

    [Fact]
    public void LoadFromFile_BadRowsOfEveryKind_AreReportedTogether()
    {
        string[] paths = [Write("a", Utf8($"{Row}\n{{}}")), Write("b", Utf8($"[{Row},{{}}]")), Write("c", Utf8("prompt,chosen,rejected\nq,a,b\nq,a")),
            Write("d", ParquetFiles.Texts(9, ("q", "a", "b"), ("q", null, "b")))];
        IDataView view = _context.Preferences.LoadFromFile(paths, new PreferenceFileOptions { BadRows = BadRowPolicy.Skip });
        LineNumbers(view).Should().Equal(1, 1, 2, 1);
        BadRowReport report = _context.Preferences.GetBadRows(view)!;
        report.Rows.Select(row => (row.Path, row.LineNumber)).Should().Equal((paths[0], 2), (paths[1], 1), (paths[2], 3), (paths[3], 2));
        report.CountsByReason.Should().Equal(new Dictionary<BadRowReason, long> { [BadRowReason.MissingField] = 3, [BadRowReason.MalformedRecord] = 1 });
    }

    [Fact]
    public void LoadConversationsFromFile_Table_GivesConversations()
    {
        IDataView view = _context.Preferences.LoadConversationsFromFile(Write("sft", Utf8("completion,prompt\na,q\n")));
        Texts(view, "Conversation").Should().Equal("""[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""");
        view = _context.Preferences.LoadConversationsFromFile(
            [Write("one", Utf8($$"""[{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}]"""))]);
        Texts(view, "Conversation").Should().Equal("""[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""");
    }

    [Fact]
    public void Load_FileThatHoldsNoRows_IsRefusedAtOnce()
    {
        string zip = Write("dpo.jsonl", [.. "PK\x03\x04"u8, .. new byte[100]]);
        FluentActions.Invoking(() => _context.Preferences.LoadFromFile(zip)).Should().Throw<PreferenceDataException>()
            .WithMessage(
                $"{zip}: the file is a zip archive; unpack it, and name the file that was in it (gzip is read as it is). Files that can be read: JSON lines, " +
                "a JSON array, *");
        FluentActions.Invoking(() => _context.Preferences.LoadFromJsonl(zip)).Should().Throw<PreferenceDataException>().WithMessage("*a zip archive*");
        string table = Write("dpo.csv", Utf8("prompt,chosen,rejected\nq,a,b"));
        FluentActions.Invoking(() => _context.Preferences.LoadFromJsonl(table)).Should().Throw<PreferenceDataException>()
            .WithMessage("*a table with a header (CSV)*LoadFromFile*");
        FluentActions.Invoking(() => _context.Preferences.LoadConversationsFromJsonl(table)).Should().Throw<PreferenceDataException>()
            .WithMessage("*LoadConversationsFromFile*");
    }

    [SkippableFact]
    public async Task Load_DeviceOrFolder_IsRefusedByKindWhateverThePolicy()
    {
        Skip.If(OperatingSystem.IsWindows());
        PreferenceFileOptions options = new() { BadRows = BadRowPolicy.Skip };
        string link = Path.Combine(_folder, "dpo.jsonl");
        File.CreateSymbolicLink(link, "/dev/zero");
        Func<IDataView>[] loads = [() => _context.Preferences.LoadFromJsonl(link, options), () => _context.Preferences.LoadFromFile(link, options),
            () => _context.Preferences.LoadFromFile("/dev/zero", options)];
        foreach (Func<IDataView> load in loads)
        {
            await Task.Run(() => load.Should().Throw<InvalidDataException>().WithMessage("*is a character device, not a regular file*"))
                .WaitAsync(TimeSpan.FromSeconds(20));
        }

        FluentActions.Invoking(() => _context.Preferences.LoadFromFile(_folder)).Should().Throw<FileNotFoundException>()
            .WithMessage("*is a folder; name a file in it*");
    }

    [SkippableFact]
    public void MoveNext_FileReplacedByADevice_IsRefused()
    {
        Skip.If(OperatingSystem.IsWindows());
        string path = Write("dpo.jsonl", Utf8(Row));
        IDataView view = _context.Preferences.LoadFromJsonl(path, new PreferenceFileOptions { BadRows = BadRowPolicy.Skip });
        File.Delete(path);
        File.CreateSymbolicLink(path, "/dev/zero");
        FluentActions.Invoking(() => LineNumbers(view)).Should().Throw<InvalidDataException>().WithMessage("*character device*");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\"")]
    [InlineData("\n")]
    [InlineData("，")]
    public void Validate_DelimiterThatCannotBe_IsRefused(string delimiter) =>
        FluentActions.Invoking(() => new PreferenceFileOptions { Delimiter = delimiter[0] }.Validate()).Should().Throw<ArgumentException>()
            .WithMessage("*Delimiter is '*");

    [Fact]
    public void LoadFromJsonl_OptionsOfOtherKinds_AreRefused()
    {
        string path = Write("a", Utf8(Row));
        FluentActions.Invoking(() => _context.Preferences.LoadFromJsonl(path, new PreferenceFileOptions { Delimiter = ';' })).Should()
            .Throw<ArgumentException>().WithMessage("Delimiter is set*call LoadFromFile*");
        FluentActions.Invoking(() => _context.Preferences.LoadConversationsFromJsonl(path, new ConversationFileOptions { MaxRowGroupBytes = 5000 })).Should()
            .Throw<ArgumentException>().WithMessage("MaxRowGroupBytes is set*call LoadConversationsFromFile*");
        FluentActions.Invoking(() => new PreferenceFileOptions { MaxRowGroupBytes = 0 }.Validate()).Should().Throw<ArgumentException>()
            .WithMessage("*MaxRowGroupBytes is 0*");
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
