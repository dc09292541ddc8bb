using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public sealed class PreferenceCatalogLoadingTests : IDisposable
{
    private const string Good = """{"prompt": "q", "chosen": "a", "rejected": "b"}""";
    private readonly MLContext _context = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("jsonl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void LoadFromJsonl_OneFile_IsReadAnewByEveryCursor()
    {
        string path = Write("dpo.jsonl", Good);
        IDataView view = _context.Preferences.LoadFromJsonl(path);
        LineNumbers(view).Should().Equal(1);
        File.AppendAllText(path, "\n" + Good);
        LineNumbers(view).Should().Equal(1, 2);
    }

    [Fact]
    public void LoadFromJsonl_Pattern_ReadsMatchesInOrder()
    {
        string b = Write("b.jsonl", Good), a = Write("a.jsonl", Good);
        Write("c.txt", "{");
        IDataView view = _context.Preferences.LoadFromJsonl(Path.Combine(_folder, "?.jsonl"), new PreferenceFileOptions { FileColumnName = "File" });
        Texts(view, "File").Should().Equal(a, b);
    }

    [Fact]
    public void LoadFromJsonl_SeveralFiles_KeepTheGivenOrder()
    {
        string b = Write("b.jsonl", Good), a = Write("a.jsonl", Good);
        IDataView view = _context.Preferences.LoadFromJsonl([b, a], new PreferenceFileOptions { FileColumnName = "File" });
        Texts(view, "File").Should().Equal(b, a);
    }

    [Fact]
    public void LoadFromJsonl_NoFile_SaysWhereItLooked()
    {
        string path = Path.Combine(_folder, "no.jsonl");
        Load(path).Should().Throw<FileNotFoundException>().WithMessage($"{path}: there is no such file (looked for {path}).");
        Load(Path.Combine(_folder, "*.json")).Should().Throw<FileNotFoundException>().WithMessage($"*no file matches (looked in {_folder}).");
        Load(Path.Combine(_folder, "none", "*.json")).Should().Throw<FileNotFoundException>().WithMessage("*no file matches*");
        Load(_folder).Should().Throw<FileNotFoundException>().WithMessage("*is a folder; name a file in it*");
        Load(" ").Should().Throw<ArgumentException>();
        Load().Should().Throw<ArgumentException>().WithMessage("The list of files is empty*");
        string twice = Write("a.jsonl", Good);
        Load(twice, Path.Combine(_folder, "a.*")).Should().Throw<ArgumentException>().WithMessage("*is named 2 times*");
    }

    [Fact]
    public void LoadFromJsonl_BadOptions_AreRefusedAtOnce() =>
        _context.Preferences.Invoking(preferences => preferences.LoadFromJsonl(Write("a.jsonl", Good), new PreferenceFileOptions { MaxLineBytes = 0 })).Should()
            .Throw<ArgumentException>();

    [Fact]
    public void LoadFromJsonl_SkippedRows_AreLoggedOncePerContentAndReported()
    {
        List<string> warnings = new();
        _context.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.RawMessage);
        };
        string path = Write("dpo.jsonl", Good + "\n{}");
        IDataView view = _context.Preferences.LoadFromJsonl(path, new PreferenceFileOptions { BadRows = BadRowPolicy.Skip });
        _context.Preferences.GetBadRows(view).Should().BeNull("nothing has been read yet");
        LineNumbers(view).Should().Equal(1);
        LineNumbers(view).Should().Equal(1);
        warnings.Should().HaveCount(2);
        warnings[0].Should().Be("1 of 2 rows skipped: 1 MissingField (line 2)");
        warnings[1].Should().StartWith($"{path}:2: 'chosen' is missing");
        _context.Preferences.GetBadRows(view)!.Rows.Should().ContainSingle().Which.Message.Should().Be(warnings[1]);
    }

    [Fact]
    public void LoadFromJsonl_Shapes_AreLoggedOncePerLoad()
    {
        List<string> told = new();
        _context.Log += (_, e) =>
        {
            if (e.RawMessage.Contains("taken for", StringComparison.Ordinal))
                told.Add(e.RawMessage);
        };
        string path = Write("dpo.jsonl", Good + "\n" + Good + """

            {"system": "s", "question": "q", "chosen": "a", "rejected": "b"}
            {"system": "s", "question": "q", "chosen": "c", "rejected": "d"}
            """);
        IDataView view = _context.Preferences.LoadFromJsonl(path);
        LineNumbers(view).Should().Equal(1, 2, 3, 4);
        LineNumbers(view).Should().HaveCount(4);
        LineNumbers(view).Should().HaveCount(4);
        told.Should().Equal(
            $"{path}:1: the rows are taken for: 'prompt', 'chosen' and 'rejected' as in TRL",
            $"{path}:3: the rows are taken for: the prompt in 'question', answers in 'chosen' and 'rejected'");
    }

    [Fact]
    public void LoadFromJsonl_BadRowBehindACache_ReachesTheCaller()
    {
        IDataView view = _context.Data.Cache(_context.Preferences.LoadFromJsonl(Write("dpo.jsonl", Good + "\n{}")));
        Action read = () => LineNumbers(view);
        Exception thrown = read.Should().Throw<Exception>().Which;
        while (thrown is not PreferenceDataException && thrown.InnerException is not null)
            thrown = thrown.InnerException;
        thrown.Should().BeOfType<PreferenceDataException>().Which.LineNumber.Should().Be(2);
    }

    [Fact]
    public void LoadConversationsFromJsonl_File_GivesConversations()
    {
        IDataView view = _context.Preferences.LoadConversationsFromJsonl(Write("sft.jsonl", """{"prompt": "q", "completion": "a"}"""));
        view.Schema.Select(column => column.Name).Should().Equal("Conversation", "LineNumber");
        Texts(view, "Conversation").Should().Equal("""[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""");
    }

    private Func<IDataView> Load(params string[] paths) => () => _context.Preferences.LoadFromJsonl(paths);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
