using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>What the maximum length takes from the rows is counted and told, and data of which nothing is left is refused for its true reason.</summary>
public sealed class TruncationTests : IDisposable
{
    private const string Question = "How many are there?";
    private static readonly string s_long = string.Concat(Enumerable.Repeat("one more and ", 20));

    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly List<string> _log = [];

    public TruncationTests() => _context.Log += (_, line) => _log.Add(line.Message);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Fit_AnswersCutShort_AreCountedBySideAndToldOnce()
    {
        using TemporaryFolder folder = new();
        List<TrainingForecast> forecasts = [];
        PairRow[] rows = [.. Enumerable.Range(0, 6).Select(i => Row(Question, i < 3 ? s_long + i : $"a {i}", i == 5 ? s_long : $"b {i}"))];

        using DpoTransformer trained = Fit(rows, new() { MaxLength = 60 },
            options => options with { RunDirectory = new() { Folder = folder.Path }, Forecast = new Reports(forecasts.Add) });

        TruncationReport report = trained.TrainingSummary.Truncation!;
        report.MaxLength.Should().Be(60);
        report.Rows.Should().Be(6);
        report.Sides.Should().Equal(new SideTruncation("chosen", 3, 3, 0, 0), new SideTruncation("rejected", 1, 1, 0, 0));
        report.ToString().Should().Contain("of 6 chosen sides 3 lost the end of the answer").And.Contain("of 6 rejected sides 1 lost the end")
            .And.Contain($"MaxLength = {report.LengthForAll} keeps all");
        _log.Count(line => line.Contains("[Source=DpoTrainer; Train, Kind=Warning]", StringComparison.Ordinal)
            && line.Contains(report.ToString(), StringComparison.Ordinal)).Should().Be(1);
        forecasts[0].Truncation.Should().Be(report);
        forecasts[0].ToString().Should().Contain("3 lost the end of the answer");
        JsonNode.Parse(
            File.ReadAllBytes(System.IO.Path.Combine(folder.Path, "run.json")))!["run"]!["data"]!["truncation"]!["sides"]![0]!["lost_end"]!.GetValue<int>()
            .Should().Be(3);
    }

    [Fact]
    public void Fit_AtTheAdvisedLength_LosesNothing()
    {
        PairRow[] rows = [.. Enumerable.Range(0, 40).Select(
            i => Row(Question, i == 7 ? s_long : i == 9 ? s_long + s_long : i == 11 ? s_long + s_long + s_long : $"a {i}", $"b {i}"))];
        TruncationReport Report(int maxLength)
        {
            using DpoTransformer trained = Fit(rows, new() { MaxLength = maxLength });
            return trained.TrainingSummary.Truncation!;
        }

        TruncationReport cut = Report(60);

        cut.ToString().Should().Contain($"MaxLength = {cut.LengthForMost} keeps 95 % of the rows whole, {cut.LengthForAll} all of them");
        Report(cut.LengthForMost).Sides[0].Cut.Should().Be(2, "of 40 rows 38 are 95 %");
        Report(cut.LengthForAll).LosesAnything.Should().BeFalse();
        Report(cut.LengthForAll - 1).Sides[0].Should().Be(new SideTruncation("chosen", 1, 0, 0, 0), "the line end behind the end token is no loss");
        Report(cut.LengthForAll - 2).Sides[0].Should().Be(new SideTruncation("chosen", 1, 1, 0, 0), "the end token is one");
        _log.Clear();
        Report(cut.LengthForAll);
        _log.Should().NotContain(line => line.Contains("cut at", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CutBeforeTheLastAnswer_LosesAllOfIt()
    {
        PairRow[] rows = [Dialogue("first", s_long, "last"), Dialogue("first", "and then?", "last")];
        rows[1].Rejected = SmallChat.Conversation(Question, "no");

        using DpoTransformer trained = Fit(rows, new() { MaxLength = 60 });

        trained.TrainingSummary.Truncation!.Sides[0].Should().Be(new SideTruncation("chosen", 1, 0, 1, 0));
    }

    [Fact]
    public void Fit_RowsLeftOut_AreCountedToo()
    {
        using DpoTransformer trained = Fit([Row(Question, "a", "b"), Row(s_long, "a", "b")], new() { MaxLength = 40 });

        trained.TrainingSummary.Truncation!.Sides[0].Should().Be(new SideTruncation("chosen", 1, 0, 1, 0));
        trained.TrainingSummary.Skipped.Single().Reason.Should().Be("no token of the chosen response is left after truncation");
    }

    [Theory]
    [InlineData(TruncationPolicy.KeepEnd, 0, 0, 1)]
    [InlineData(TruncationPolicy.Drop, 0, 1, 0)]
    public void Fit_OtherPolicies_CountWhatTheyTake(TruncationPolicy policy, int ends, int answers, int starts)
    {
        using DpoTransformer trained = Fit([Row(Question, "a", "b"), Row(s_long, "answer", "b")], new() { MaxLength = 60, Truncation = policy });

        trained.TrainingSummary.Truncation!.Sides[0].Should().Be(new SideTruncation("chosen", 1, ends, answers, starts));
    }

    [Fact]
    public void Fit_WithoutCounts_SaysThatNothingIsKnown()
    {
        using DpoTransformer trained = new DpoTrainer(_context, new() { Model = _model }).Fit(SmallModel.Pairs(_context, 4));

        trained.TrainingSummary.Truncation.Should().BeNull();
    }

    [Fact]
    public void Fit_SavedAndLoaded_KeepsTheReport()
    {
        using DpoTransformer trained = Fit([Row(Question, s_long, "b"), Row(Question, "a", "b")], new() { MaxLength = 60 });
        using MemoryStream file = new();
        _context.Model.Save(trained, _context.Data.LoadFromEnumerable(PairRow.All).Schema, file);

        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(file, out _);

        loaded.TrainingSummary.Truncation.Should().BeEquivalentTo(trained.TrainingSummary.Truncation);
    }

    [Fact]
    public void Fit_Conversations_AreCountedToo()
    {
        IDataView data = Conversations([Row(Question, s_long, ""), Row(Question, "a", ""), Row(s_long, "a", "")], maxLength: 60);

        using SftTransformer tuned = new SftTrainer(_context, new() { Model = _model }).Fit(data);

        tuned.TrainingSummary.Truncation!.Sides.Should().Equal(new SideTruncation("conversation", 2, 1, 1, 0));
        _log.Should().ContainSingle(line => line.Contains("cut at 60 tokens: of 3 conversations 1 lost the end of the answer", StringComparison.Ordinal)
            && !line.Contains("forecast", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_AllAnswersCut_FailsWithTheLengthThatKeepsThem()
    {
        PairRow[] rows = [.. Enumerable.Range(0, 9).Select(i => Row(s_long, "a", "b"))];

        FluentActions.Invoking(() => Fit(rows, new() { MaxLength = 30 })).Should().Throw<InvalidDataException>()
            .WithMessage(
                "None of the 9 pairs can be trained on: no token of the chosen response is left after truncation (9, the first in line 1). They were cut " +
                "at 30 tokens: MaxLength = * keeps all rows whole.");
        FluentActions.Invoking(() => new SftTrainer(_context, new() { Model = _model }).Fit(Conversations(rows, 30))).Should().Throw<InvalidDataException>()
            .WithMessage("None of the 9 conversations can be trained on: no token of a response is left after truncation (9, *They were cut at 30 tokens: *");
    }

    [Fact]
    public void Fit_EndlessUnusableRows_FailsAfterABoundedNumber()
    {
        int read = 0;
        IEnumerable<PreparedPair> Rows()
        {
            PreparedPair row = SmallModel.Row(RandomPairs.Make(1, 1024, 3)[0]);
            row.ChosenLossMask = new float[row.ChosenLossMask.Length];
            for (; ; read++)
                yield return row;
        }

        FluentActions.Invoking(() => new DpoTrainer(_context, new() { Model = _model }).Fit(_context.Data.LoadFromEnumerable(Rows()))).Should()
            .Throw<InvalidDataException>()
            .WithMessage($"None of the first {UnusableStart.MostRows} pairs can be trained on: * The rest was not read.");

        read.Should().BeLessThan(UnusableStart.MostRows + 10);
    }

    [Fact]
    public void Fit_PairsThatCarryNoPreference_SaysWhyTruly()
    {
        PairRow[] rows =
        [
            Row(Question, "a", "b"), Row(Question, "same", "same"), Row(Question, s_long + "x", s_long + "y"), Row(Question, "", "b"),
            new() { Chosen = SmallChat.Conversation("One?", "same"), Rejected = SmallChat.Conversation("Two?", "same") },
        ];

        using DpoTransformer trained = Fit(rows, new() { MaxLength = 60 });

        trained.TrainingSummary.Skipped.Select(pair => (pair.Line, pair.Reason)).Should()
            .Equal((2, "both sides are the same"), (3, "both sides are the same after truncation"));
    }

    [Fact]
    public void Fit_MaskThatSelectsNothing_SaysSoAndNotThatSomethingWasCut()
    {
        List<CountedPair> rows = [.. RandomPairs.Make(3, 1024, 3).Select(SmallModel.Row).Select(row => new CountedPair(row))];
        foreach (CountedPair row in rows)
            row.ChosenLossMask = new float[row.ChosenLossMask.Length];

        FluentActions.Invoking(() => new DpoTrainer(_context, new() { Model = _model }).Fit(_context.Data.LoadFromEnumerable(rows))).Should()
            .Throw<InvalidDataException>()
            .WithMessage(
                "None of the 3 pairs can be trained on: the mask selects no token of the chosen response, and nothing was cut (3, *mask rule another model's?");
    }

    private static PairRow Row(string question, string chosen, string rejected) =>
        new() { Chosen = SmallChat.Conversation(question, chosen), Rejected = SmallChat.Conversation(question, rejected) };

    private static PairRow Dialogue(string first, string second, string last)
    {
        string conversation = System.Text.Json.JsonSerializer.Serialize(new[]
        {
            new { role = "user", content = Question }, new { role = "assistant", content = first }, new { role = "user", content = second },
                new { role = "assistant", content = last },
        });
        return new PairRow { Chosen = conversation, Rejected = SmallChat.Conversation(Question, "b") };
    }

    private DpoTransformer Fit(PairRow[] rows, PreferencePreparationOptions preparation, Func<DpoTrainer.Options, DpoTrainer.Options>? change = null)
    {
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        IDataView prepared = _context.Transforms.PreparePreferencePairs(_model, preparation).Fit(data).Transform(data);
        DpoTrainer.Options options = new() { Model = _model };
        return new DpoTrainer(_context, change?.Invoke(options) ?? options).Fit(prepared);
    }

    private IDataView Conversations(PairRow[] rows, int maxLength)
    {
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        return _context.Transforms.ApplyChatTemplate(_model.ChatTemplate, [new("ConversationText", "Chosen")])
            .Append(_context.Transforms.TokenizeConversations(_model.Tokenizer, [new("ConversationTokens", "ConversationText")], maxLength))
            .Append(_context.Transforms.MaskResponses(_model, [new("ConversationMask", "ConversationTokens")]))
            .Append(_context.Transforms.ShiftForNextToken("Conversation")).Fit(data).Transform(data);
    }

    private sealed class Reports(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }

    private sealed class CountedPair(PreparedPair row)
    {
        public int[] ChosenInputIds { get; set; } = row.ChosenInputIds;

        public int[] ChosenLabels { get; set; } = row.ChosenLabels;

        public float[] ChosenLossMask { get; set; } = row.ChosenLossMask;

        public int[] RejectedInputIds { get; set; } = row.RejectedInputIds;

        public int[] RejectedLabels { get; set; } = row.RejectedLabels;

        public float[] RejectedLossMask { get; set; } = row.RejectedLossMask;

        public int ChosenTokenCount { get; set; } = row.ChosenInputIds.Length + 1;

        public int RejectedTokenCount { get; set; } = row.RejectedInputIds.Length + 1;
    }
}
