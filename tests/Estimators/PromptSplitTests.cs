using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Transforms.Splitting;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Splits by prompt, of a set with five pairs for each prompt.</summary>
public sealed class PromptSplitTests
{
    private const int PromptCount = 1000, PerPrompt = 5;
    private readonly MLContext _context = new(seed: 42);

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void TrainTestSplit_SeveralPairsPerPrompt_KeepsEachPromptOnOneSideInOrder(double fraction)
    {
        IDataView pairs = Pairs(PromptCount);

        DataOperationsCatalog.TrainTestData split = _context.Preferences.TrainTestSplit(pairs, fraction);

        List<Row> train = Rows(split.TrainSet), test = Rows(split.TestSet);
        train.Concat(test).Select(row => row.LineNumber).Order().Should().Equal(Enumerable.Range(1, PromptCount * PerPrompt).Select(line => (long)line));
        train.Select(row => row.LineNumber).Should().BeInAscendingOrder();
        test.Select(row => row.LineNumber).Should().BeInAscendingOrder();
        train.Select(Prompt).Intersect(test.Select(Prompt)).Should().BeEmpty();
        // a binomial share of 1,000 prompts: 5 standard deviations
        test.Select(Prompt).Distinct().Count().Should().BeCloseTo(
            (int)(fraction * PromptCount), (uint)(5 * Math.Sqrt(PromptCount * fraction * (1 - fraction))));
    }

    [Fact]
    public void TrainTestSplit_ByRow_WouldHavePromptsOnBothSides()
    {
        DataOperationsCatalog.TrainTestData split = _context.Data.TrainTestSplit(Pairs(PromptCount));

        Rows(split.TrainSet).Select(Prompt).Intersect(Rows(split.TestSet).Select(Prompt)).Should().NotBeEmpty("that is what the split by prompt is for");
    }

    [Fact]
    public void TrainTestSplit_SameSeed_DealsEachPromptTheSameInAnyData()
    {
        HashSet<string> test = [.. Rows(_context.Preferences.TrainTestSplit(Pairs(PromptCount), seed: 7).TestSet).Select(Prompt)];
        List<Row> reversed = [.. Made(PromptCount).Reverse().Skip(1000)];

        List<Row> again = Rows(_context.Preferences.TrainTestSplit(_context.Data.LoadFromEnumerable(reversed), seed: 7).TestSet);

        again.Should().Equal(reversed.Where(row => test.Contains(Prompt(row))), (left, right) => left.LineNumber == right.LineNumber);
        Rows(_context.Preferences.TrainTestSplit(Pairs(PromptCount), seed: 8).TestSet).Select(Prompt).Distinct().Order().Should().NotEqual(test.Order());
        HashSet<string> larger = [.. Rows(_context.Preferences.TrainTestSplit(Pairs(PromptCount), testFraction: 0.3, seed: 7).TestSet).Select(Prompt)];
        test.IsSubsetOf(larger).Should().BeTrue("a larger fraction takes the smaller one's prompts and more");
    }

    [Fact]
    public void TrainTestSplit_NoSeed_TakesTheContexts()
    {
        List<long> Lines(MLContext context, int? seed) =>
            [.. Rows(context.Preferences.TrainTestSplit(Pairs(100), 0.3, seed: seed).TestSet).Select(row => row.LineNumber)];

        Lines(new MLContext(seed: 5), null).Should().Equal(Lines(_context, 5)).And.NotEqual(Lines(_context, null));
        Lines(new MLContext(), null).Should().Equal(Lines(_context, 0));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("user\u001fHello\u001f\u001e", 42)]
    public void Of_Prompt_FallsWhereItAlwaysDid(string prompt, int seed)
    {
        byte[] hash = System.Security.Cryptography.SHA256.HashData([.. BitConverter.GetBytes(seed), .. System.Text.Encoding.UTF8.GetBytes(prompt)]);

        PromptPlace.Of(prompt, seed).Should().Be((BitConverter.ToUInt64(hash) >> 11) / 9007199254740992.0, "splits must not change from version to version")
            .And.BeInRange(0, 1);
    }

    [Fact]
    public void CrossValidationSplit_Folds_HaveEachPromptInOneTestSet()
    {
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = _context.Preferences.CrossValidationSplit(Pairs(200), numberOfFolds: 4);

        folds.Should().HaveCount(4);
        List<string[]> tests = [.. folds.Select(fold => Rows(fold.TestSet).Select(Prompt).Distinct().ToArray())];
        tests.SelectMany(prompts => prompts).Should().OnlyHaveUniqueItems().And.HaveCount(200);
        tests.Should().OnlyContain(prompts => prompts.Length > 25);
        foreach (DataOperationsCatalog.TrainTestData fold in folds)
        {
            Rows(fold.TrainSet).Should().HaveCount(200 * PerPrompt - Rows(fold.TestSet).Count);
            Rows(fold.TrainSet).Select(Prompt).Intersect(Rows(fold.TestSet).Select(Prompt)).Should().BeEmpty();
        }
    }

    [Fact]
    public void GetRowCursor_SeveralAtOnce_EachGoItsOwnWay()
    {
        IDataView test = _context.Preferences.TrainTestSplit(Pairs(PromptCount)).TestSet;
        List<long> expected = [.. Rows(test).Select(row => row.LineNumber)];

        List<long>[] read = new List<long>[8];
        Parallel.For(0, read.Length, i => read[i] = [.. test.GetColumn<long>("LineNumber")]);

        read.Should().AllSatisfy(lines => lines.Should().Equal(expected));
    }

    [Fact]
    public void GetRowCursorSet_FourOfThem_ShareTheRowsOut()
    {
        IDataView test = _context.Preferences.TrainTestSplit(Pairs(PromptCount)).TestSet;
        DataViewRowCursor[] cursors = test.GetRowCursorSet([test.Schema["LineNumber"]], 4);
        System.Collections.Concurrent.ConcurrentBag<long> lines = [];

        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                ValueGetter<long> line = cursor.GetGetter<long>(test.Schema["LineNumber"]);
                while (cursor.MoveNext())
                {
                    long value = 0;
                    line(ref value);
                    lines.Add(value);
                }
            }
        });

        lines.Order().Should().Equal(Rows(test).Select(row => row.LineNumber));
    }

    [Fact]
    public void GetRowCursor_Columns_AreThoseAskedFor()
    {
        IDataView test = _context.Preferences.TrainTestSplit(Pairs(100)).TestSet;
        using DataViewRowCursor cursor = test.GetRowCursor([test.Schema["LineNumber"]]);

        cursor.Position.Should().Be(-1);
        cursor.MoveNext().Should().BeTrue();
        cursor.Position.Should().Be(0, "rows are counted anew");
        cursor.IsColumnActive(test.Schema["LineNumber"]).Should().BeTrue();
        cursor.IsColumnActive(test.Schema["Chosen"]).Should().BeFalse("it is read for the split alone");
        cursor.Invoking(row => row.GetGetter<ReadOnlyMemory<char>>(test.Schema["Chosen"])).Should().Throw<ArgumentOutOfRangeException>();
        test.GetRowCount().Should().BeNull();
    }

    [Fact]
    public void TrainTestSplit_OtherColumns_AreTaken()
    {
        IDataView pairs = _context.Data.LoadFromEnumerable(
            Made(100).Select(row => new Renamed { Good = row.Chosen, Bad = row.Rejected, Asked = $"  {Prompt(row)} " }));

        List<string> byConversations = [.. _context.Preferences.TrainTestSplit(pairs, 0.3, chosenColumnName: "Good", rejectedColumnName: "Bad")
            .TestSet.GetColumn<string>("Good")];
        List<string> byKey = [.. _context.Preferences.TrainTestSplit(pairs, 0.3, samplingKeyColumnName: "Asked").TestSet.GetColumn<string>("Asked")];
        List<string> oneColumn = [.. _context.Preferences.TrainTestSplit(pairs, 0.3, chosenColumnName: "Good", rejectedColumnName: "Good")
            .TestSet.GetColumn<string>("Good")];

        byConversations.Should().NotBeEmpty();
        (byKey.Count % PerPrompt).Should().Be(0, "all pairs of a prompt are on one side");
        byKey.Should().NotBeEmpty();
        oneColumn.Should().Equal(byConversations, "all but the last message is the prompt where both sides are one");
    }

    [Fact]
    public void TrainTestSplit_BeforeTransformsAndBinaryFiles_GoesThrough()
    {
        DataOperationsCatalog.TrainTestData split = _context.Preferences.TrainTestSplit(Pairs(100), 0.3);
        IDataView copied = _context.Transforms.CopyColumns("Copy", "Chosen").Fit(split.TrainSet).Transform(split.TestSet);
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(path))
                _context.Data.SaveAsBinary(copied, file);

            _context.Data.LoadFromBinary(path).GetColumn<string>("Copy").Should().Equal(Rows(split.TestSet).Select(row => row.Chosen));
            _context.Data.Cache(split.TestSet).GetColumn<long>("LineNumber").Should().Equal(Rows(split.TestSet).Select(row => row.LineNumber));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(
        1, "The test side of the split has no row: the data has one prompt only (5 rows), and a prompt is never on both sides. Take data with more prompts.")]
    [InlineData(
        3, "The test side of the split has no row: it takes 1 % of the prompts, and none of 3 fell there with seed 42. Give it a larger share, take another " +
        "seed, or more prompts.")]
    [InlineData(0, "The data to split has no row.")]
    public void TrainTestSplit_SideWithoutARow_IsRefused(int prompts, string message)
    {
        DataOperationsCatalog.TrainTestData split = _context.Preferences.TrainTestSplit(Pairs(prompts), testFraction: 0.01);

        FluentActions.Invoking(() => Rows(split.TestSet)).Should().Throw<InvalidDataException>().WithMessage(message);
        FluentActions.Invoking(() => ReadAll(split.TestSet.GetRowCursorSet([], 3))).Should().Throw<InvalidDataException>().WithMessage(message);
        if (prompts > 0)
            Rows(split.TrainSet).Should().HaveCount(prompts * PerPrompt);
    }

    [Fact]
    public void TrainTestSplit_RowWithoutPrompt_IsRefusedByItsLine()
    {
        List<Row> rows = [.. Made(10)];
        rows[6].Chosen = "Four";
        Action read = () => Rows(_context.Preferences.TrainTestSplit(_context.Data.LoadFromEnumerable(rows)).TrainSet);

        read.Should().Throw<InvalidDataException>().WithMessage(
            "*line 7 of columns 'Chosen' and 'Rejected': the chosen side is no JSON message list, but 'Four'*samplingKeyColumnName*");
    }

    [Fact]
    public void TrainTestSplit_ArgumentsThatCannotBe_AreRefusedAtOnce()
    {
        IDataView pairs = Pairs(10);
        PreferenceCatalog preferences = _context.Preferences;

        foreach (double fraction in new[] { 0, 1, -1, double.NaN })
            preferences.Invoking(p => p.TrainTestSplit(pairs, fraction)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*above 0 and below 1*");
        preferences.Invoking(p => p.CrossValidationSplit(pairs, numberOfFolds: 1)).Should().Throw<ArgumentOutOfRangeException>();
        preferences.Invoking(p => p.TrainTestSplit(pairs, chosenColumnName: "Best")).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Best*");
        preferences.Invoking(p => p.TrainTestSplit(pairs, samplingKeyColumnName: "LineNumber")).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*LineNumber*");
        preferences.Invoking(p => p.TrainTestSplit(pairs, samplingKeyColumnName: "Rejected", chosenColumnName: "Good")).Should().Throw<ArgumentException>()
            .WithMessage("*name the one or the others*");
    }

    private IDataView Pairs(int prompts) => _context.Data.LoadFromEnumerable(Made(prompts));

    // the pairs of a prompt stand apart from each other, and are written in different ways
    private static IEnumerable<Row> Made(int prompts) => Enumerable.Range(0, prompts * PerPrompt).Select(i =>
    {
        string question = string.Create(CultureInfo.InvariantCulture, $"{(i / prompts % 2 == 0 ? "" : " ")}Tom has {i % prompts} apples. How many?");
        string Side(string answer) => JsonSerializer.Serialize(
            new object[] { new { role = "user", content = question }, new { role = "assistant", content = answer } });
        return new Row { LineNumber = i + 1, Chosen = Side($"{i % prompts}, since {i / prompts}"), Rejected = Side("None") };
    });

    private List<Row> Rows(IDataView view) => [.. _context.Data.CreateEnumerable<Row>(view, reuseRowObject: false)];

    private static void ReadAll(DataViewRowCursor[] cursors)
    {
        foreach (DataViewRowCursor cursor in cursors)
        {
            while (cursor.MoveNext())
                cursor.Position.Should().BeGreaterThanOrEqualTo(0);
        }
    }

    private static string Prompt(Row row) => JsonDocument.Parse(row.Chosen).RootElement[0].GetProperty("content").GetString()!.Trim();

    private sealed class Row
    {
        public long LineNumber { get; set; }

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Renamed
    {
        public string Good { get; set; } = "";

        public string Bad { get; set; } = "";

        public string Asked { get; set; } = "";
    }
}
