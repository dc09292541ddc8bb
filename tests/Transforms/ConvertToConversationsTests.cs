using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class ConvertToConversationsTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Transform_PlainTexts_BecomeMessagesToTheCharacter()
    {
        IDataView view = Convert(_context.Transforms.ConvertToConversations("Question", "Good", "Bad", "Instructions"),
            new PlainRow { Question = " q\"\n天\\", Good = "a\t ", Bad = "b", Instructions = "s" });
        Texts(view, "Chosen").Should()
            .Equal("""[{"role":"system","content":"s"},{"role":"user","content":" q\"\n天\\"},{"role":"assistant","content":"a\t "}]""");
        Texts(view, "Rejected").Should()
            .Equal("""[{"role":"system","content":"s"},{"role":"user","content":" q\"\n天\\"},{"role":"assistant","content":"b"}]""");
    }

    [Fact]
    public void Transform_BlankSystem_IsNoMessage()
    {
        IDataView view = Convert(_context.Transforms.ConvertToConversation("Question", "Good", "Instructions"),
            new PlainRow { Question = "q", Good = "a", Instructions = " \u3000" });
        Texts(view, "Conversation").Should().Equal("""[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]""");
    }

    [Fact]
    public void Transform_ColumnsOfTheDefaultNames_AreReplaced()
    {
        IEstimator<ITransformer> verb = _context.Transforms.ConvertToConversations();
        IDataView data = _context.Data.LoadFromEnumerable(PromptedRow.All);
        IDataView view = verb.Fit(data).Transform(data);
        Texts(view, "Chosen")[0].Should().StartWith("""[{"role":"user","content":"question 0?""");
        using PredictionEngine<PromptedRow, PairRow> engine = _context.Model.CreatePredictionEngine<PromptedRow, PairRow>(verb.Fit(data));
        PairRow predicted = engine.Predict(PromptedRow.All[3]);
        (predicted.Chosen, predicted.Rejected).Should().Be((Texts(view, "Chosen")[3], Texts(view, "Rejected")[3]));
    }

    [Theory]
    [InlineData(" ", "a", "b", "Question")]
    [InlineData("q", "", "b", "Good")]
    [InlineData("q", "a", "\n", "Bad")]
    public void Transform_BlankText_NamesRowAndColumn(string question, string good, string bad, string column)
    {
        PlainRow[] rows = [new() { Question = "q", Good = "a", Bad = "b" }, new() { Question = question, Good = good, Bad = bad }];
        IDataView view = Convert(_context.Transforms.ConvertToConversations("Question", "Good", "Bad"), rows);
        Action read = () => Texts(view, column == "Bad" ? "Rejected" : "Chosen");
        read.Should().Throw<InvalidOperationException>().WithMessage($"Row 1, column '{column}': the text is blank; *.");
    }

    [Fact]
    public void Transform_BlankTextOfAFile_NamesItsLine()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                path, "{\"prompt\": \"q\", \"chosen\": \"a\", \"rejected\": \"b\", \"q\": \"x\"}\n\n{\"prompt\": \"q\", \"chosen\": \"a\", " +
                "\"rejected\": \"b\"}\n");
            IDataView data = _context.Preferences.LoadFromJsonl(path, new PreferenceFileOptions { ExtraColumns = ["q"] });
            IDataView view = _context.Transforms.ConvertToConversation("q", "Chosen").Fit(data).Transform(data);
            FluentActions.Invoking(() => Texts(view, "Conversation")).Should().Throw<InvalidOperationException>()
                .WithMessage("Line 3, column 'q': the text is blank; give what the answers answer.");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Transform_LineNumberOfAnotherType_IsNotRead()
    {
        IDataView data = _context.Data.LoadFromEnumerable(new[] { new { Prompt = "q", Completion = " ", LineNumber = "x" } });
        IDataView view = _context.Transforms.ConvertToConversation().Fit(data).Transform(data);
        FluentActions.Invoking(() => Texts(view, "Conversation")).Should().Throw<InvalidOperationException>().WithMessage("Row 0, column 'Completion'*");
    }

    [Fact]
    public void Transform_HalfACharacter_IsRefused()
    {
        IDataView view = Convert(_context.Transforms.ConvertToConversation("Question", "Good"), new PlainRow { Question = "😀 x\uDE00", Good = "a" });
        FluentActions.Invoking(() => Texts(view, "Conversation")).Should().Throw<InvalidOperationException>()
            .WithMessage("Row 0, column 'Question': character 5 is half of a pair (\\ude00), which is no text.");
    }

    [Fact]
    public void Transform_CsvOfTextLoader_GivesWhatTheFileGives()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "Prompt,Chosen,Rejected\n\"What is, this?\",\"It is \"\"that\"\".\",No\nq2,a2,b2\n");
            TextLoader loader = _context.Data.CreateTextLoader(new TextLoader.Options
            {
                HasHeader = true, Separators = [','], AllowQuoting = true,
                Columns = [new("Prompt", DataKind.String, 0), new("Chosen", DataKind.String, 1), new("Rejected", DataKind.String, 2)],
            });
            IDataView data = loader.Load(path);
            IDataView converted = _context.Transforms.ConvertToConversations().Fit(data).Transform(data);
            File.WriteAllText(path, File.ReadAllText(path).Replace("Prompt,Chosen,Rejected", "prompt,chosen,rejected", StringComparison.Ordinal));
            Texts(_context.Preferences.LoadFromFile(path), "Chosen")[0].Should()
                .Be("""[{"role":"user","content":"What is, this?"},{"role":"assistant","content":"It is \"that\"."}]""");
            File.WriteAllText(path, "Prompt,Chosen,Rejected\n\"What is, this?\",\"It is \"\"that\"\".\",No\nq2,a2,b2\n");
            Texts(converted, "Chosen")[0].Should().Be("""[{"role":"user","content":"What is, this?"},{"role":"assistant","content":"It is \"that\"."}]""");
            Texts(converted, "Rejected")[1].Should().Be("""[{"role":"user","content":"q2"},{"role":"assistant","content":"b2"}]""");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void CrossValidationSplit_OverTheVerb_SeesEveryRowOnce()
    {
        IDataView data = _context.Data.LoadFromEnumerable(PlainRow.All);
        IEstimator<ITransformer> verb = _context.Transforms.ConvertToConversations("Question", "Good", "Bad");
        _context.Data.CrossValidationSplit(data, numberOfFolds: 3, seed: 1).SelectMany(fold => Texts(verb.Fit(fold.TrainSet).Transform(fold.TestSet), "Chosen"))
            .Should().BeEquivalentTo(Texts(verb.Fit(data).Transform(data), "Chosen"));
    }

    [Fact]
    public void Verb_ColumnsThatCannotBe_AreRefused()
    {
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversations("P", "C", "C")).Should().Throw<ArgumentException>()
            .WithMessage("Column 'C' is named 2 times;*");
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversations("P", "P", "R")).Should().Throw<ArgumentException>().WithMessage("Column 'P'*");
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversations("P", "C", "R", system: "C")).Should().Throw<ArgumentException>()
            .WithMessage("Column 'C'*");
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversations("P", "C", "R", system: " ")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversations("", "C", "R")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversations("P", "C", "R", chosenColumnName: "X", rejectedColumnName: "X")).Should()
            .Throw<ArgumentException>();
        FluentActions.Invoking(() => _context.Transforms.ConvertToConversation("P", "C", conversationColumnName: "")).Should().Throw<ArgumentException>();
    }

    private IDataView Convert(IEstimator<ITransformer> verb, params PlainRow[] rows)
    {
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        return verb.Fit(data).Transform(data);
    }
}
