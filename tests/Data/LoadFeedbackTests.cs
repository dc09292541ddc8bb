using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using Parquet.Schema;
using static MiniMind.MLNet.Dpo.Tests.Data.FileBytes;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Feedback without pairs: one answer a row, and a verdict on it.</summary>
public sealed class LoadFeedbackTests : IDisposable
{
    private const string Conversation = """[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""";
    private readonly MLContext _context = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("feedback-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("1.0", true)]
    [InlineData("-1", false)]
    [InlineData("\"up\"", true)]
    [InlineData("\"down\"", false)]
    [InlineData("\"Thumbs_Up\"", true)]
    [InlineData("\"thumbs-down\"", false)]
    [InlineData("\" THUMBS UP \"", true)]
    [InlineData("\"True\"", true)]
    [InlineData("\"FALSE\"", false)]
    [InlineData("\"1\"", true)]
    [InlineData("\"+1\"", true)]
    [InlineData("\":+1:\"", true)]
    [InlineData("\":-1:\"", false)]
    [InlineData("\"👍\"", true)]
    [InlineData("\"👍🏽\"", true)]
    [InlineData("\"👎\"", false)]
    [InlineData("\":thumbsdown:\"", false)]
    [InlineData("\"desirable\"", true)]
    [InlineData("\"undesirable\"", false)]
    [InlineData("\"like\"", true)]
    [InlineData("\"disliked\"", false)]
    public void LoadFeedbackFromFile_VerdictThatIsClear_IsRead(string label, bool good)
    {
        IDataView view = Load($$"""{"prompt":"q","completion":"a","label":{{label}}}""");

        Texts(view, "Conversation").Should().Equal(Conversation);
        Labels(view).Should().Equal(good);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("5")]
    [InlineData("0.5")]
    [InlineData("2")]
    [InlineData("-2")]
    [InlineData("\"maybe\"")]
    [InlineData("\"neutral\"")]
    [InlineData("\"👍👎\"")]
    [InlineData("\"not good\"")]
    [InlineData("[true]")]
    [InlineData("{\"thumb\":true}")]
    [InlineData("1e400")]
    public void LoadFeedbackFromFile_VerdictThatIsNotClear_IsRefusedWithLineAndField(string label)
    {
        IDataView view = Load("""{"prompt":"q","completion":"a","label":true}""", $$"""{"prompt":"q","completion":"a","label":{{label}}}""");

        PreferenceDataException fault = FluentActions.Invoking(() => Labels(view)).Should().Throw<PreferenceDataException>().Which;
        (fault.LineNumber, fault.Reason).Should().Be((2, BadRowReason.WrongType));
        fault.Message.Should().Contain("'label'").And.Contain("does not say whether the answer is good");
    }

    [Theory]
    [InlineData("kto_tag", "true")]
    [InlineData("feedback", "\"up\"")]
    [InlineData("thumbs", "\"up\"")]
    [InlineData("thumb", "1")]
    [InlineData("vote", "+1")]
    public void LoadFeedbackFromFile_FieldsOfOtherTools_AreKnown(string field, string value)
    {
        value = value == "+1" ? "\"+1\"" : value;
        Labels(Load($$"""{"messages":{{Conversation}},"{{field}}":{{value}}}""")).Should().Equal(true);
    }

    [Fact]
    public void LoadFeedbackFromFile_FieldsThatOptionsName_AreRead()
    {
        IDataView view = Load("""{"Question":"q","Answer":"a","Stars":1,"Comment":"fine"}""");
        FluentActions.Invoking(() => Labels(view)).Should().Throw<PreferenceDataException>()
            .WithMessage("*does not say whether its answer is good*'Stars'*Label*");

        view = Load(new FeedbackFileOptions
        {
            Prompt = "Question", Completion = "Answer", Label = "Stars", LabelColumnName = "Good", ConversationColumnName = "Talk", ExtraColumns = ["Comment"],
        }, """{"Question":"q","Answer":"a","Stars":1,"Comment":"fine"}""");

        Texts(view, "Talk").Should().Equal(Conversation);
        Texts(view, "Comment").Should().Equal("fine");
        Labels(view, "Good").Should().Equal(true);
        view = Load(new FeedbackFileOptions { Label = "good" }, """{"prompt":"q","completion":"a","label":true}""");
        FluentActions.Invoking(() => Labels(view)).Should().Throw<PreferenceDataException>().WithMessage("*'good' is missing*Label*");
    }

    [Fact]
    public void LoadFeedbackFromFile_SecondVerdict_IsRefusedWhereItContradicts()
    {
        Labels(Load("""{"prompt":"q","completion":"a","label":true,"vote":"up"}""")).Should().Equal(true);
        IDataView view = Load("""{"prompt":"q","completion":"a","label":true,"vote":"down"}""");
        FluentActions.Invoking(() => Labels(view)).Should().Throw<PreferenceDataException>().WithMessage("*'label'*'vote'*contradict*IgnoredFields*")
            .Which.LineNumber.Should().Be(1);
        Labels(Load(new FeedbackFileOptions { Label = "label", IgnoredFields = ["vote"] }, """{"prompt":"q","completion":"a","label":true,"vote":"down"}"""))
            .Should().Equal(true);
    }

    [Fact]
    public void LoadFeedbackFromFile_ZeroBesideMinusOne_IsRefused()
    {
        IDataView view = Load("""{"prompt":"q","completion":"a","label":-1}""", """{"prompt":"q","completion":"a","label":0}""");

        FluentActions.Invoking(() => Labels(view)).Should().Throw<PreferenceDataException>()
            .WithMessage("*0 may be no verdict*").Which.LineNumber.Should().Be(2);
    }

    [Fact]
    public void LoadFeedbackFromFile_RowsThatAreNoFeedback_AreRefusedByName()
    {
        PreferenceDataException Fault(string row) =>
            FluentActions.Invoking(() => Texts(Load(row), "Conversation")).Should().Throw<PreferenceDataException>().Which;

        Fault("""{"prompt":"q","completion":"a"}""").Message.Should().Contain("does not say whether its answer is good");
        Fault("""{"prompt":"q","chosen":"a","rejected":"b","label":true}""").Message.Should().Contain("FeedbackFileOptions");
        Fault("""{"prompt":"q","completion":"a","rejected":"b","label":true}""").Message.Should().Contain("'rejected'");
        Fault("""{"prompt":"","completion":"a","label":true}""").Reason.Should().Be(BadRowReason.MissingPrompt);
        Fault("""{"prompt":"q","completion":"","label":true}""").Reason.Should().Be(BadRowReason.EmptyAnswer);
        Fault("""{"messages":[{"role":"user","content":"q"}],"label":true}""").Reason.Should().Be(BadRowReason.LastTurnNotAssistant);
        Fault("""{"prompt":"q","completion":"a","label":true,"label":false}""").Reason.Should().Be(BadRowReason.RepeatedField);
        Fault("""{"prompt":"q","completion":"a","label":true,"context":"read before"}""").Message
            .Should().Contain("'context'").And.Contain("FeedbackFileOptions");
    }

    [Fact]
    public void LoadFeedbackFromFile_FilesOfEveryKind_GiveOneView()
    {
        const string Row = """{"prompt":"q","completion":"a","label":true}""";
        string[] paths =
        [
            Write("a", Utf8(Row)), Write("b", Utf8($"[{Row}]")), Write("c", Utf8("prompt;completion;thumbs\nq;a;up\n")), Write("d", Gzip(Utf8(Row))),
            Write("e", Utf8("prompt\tcompletion\tlabel\nq\ta\tTrue")), Write("f", Parquet()),
        ];

        IDataView view = _context.Preferences.LoadFeedbackFromFile(paths);

        for (int pass = 0; pass < 2; pass++)
        {
            Texts(view, "Conversation").Should().HaveCount(6).And.OnlyContain(text => text == Conversation);
            Labels(view).Should().Equal(true, true, true, true, true, true);
        }
    }

    [Fact]
    public void LoadFeedbackFromFile_BadRowsToSkip_AreReported()
    {
        IDataView view = Load(new FeedbackFileOptions { BadRows = BadRowPolicy.Skip },
            """{"prompt":"q","completion":"a","label":"up"}""", """{"prompt":"q","completion":"a","label":null}""",
            """{"prompt":"q","completion":"a","label":0}""");

        Labels(view).Should().Equal(true, false);
        LineNumbers(view).Should().Equal(1, 3);
        _context.Preferences.GetBadRows(view)!.Rows.Select(row => row.LineNumber).Should().Equal(2);
    }

    [Fact]
    public void LoadFeedbackFromFile_OptionsThatContradict_AreRefused()
    {
        FluentActions.Invoking(() => Load(new FeedbackFileOptions { Label = "x", Completion = "x" }, "{}")).Should().Throw<ArgumentException>()
            .WithMessage("*Completion and Label name the same field 'x'*");
        FluentActions.Invoking(() => Load(new FeedbackFileOptions { LabelColumnName = "Conversation" }, "{}")).Should().Throw<ArgumentException>()
            .WithMessage("*'Conversation' is used 2 times*");
        FluentActions.Invoking(() => Load(new FeedbackFileOptions { Messages = "m", Prompt = "p" }, "{}")).Should().Throw<ArgumentException>()
            .WithMessage("*cannot act*");
    }

    private static byte[] Parquet()
    {
        DataField[] fields = [new DataField<string>("prompt"), new DataField<string>("completion"), new DataField<bool>("label")];
        return ParquetFiles.Write(fields, [async writer =>
        {
            await writer.WriteAsync(fields[0], new[] { "q" });
            await writer.WriteAsync(fields[1], new[] { "a" });
            await writer.WriteAsync<bool>(fields[2], new[] { true });
        }]);
    }

    private static IEnumerable<bool> Labels(IDataView view, string column = "Label") => view.GetColumn<bool>(column).ToArray();

    private IDataView Load(params string[] rows) => Load(new FeedbackFileOptions(), rows);

    private IDataView Load(FeedbackFileOptions options, params string[] rows) =>
        _context.Preferences.LoadFeedbackFromFile(Write($"{Guid.NewGuid()}", Utf8(string.Join('\n', rows))), options);

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
