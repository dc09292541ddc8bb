using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class PreparePreferencePairsTests
{
    private static readonly string[] s_sides = ["Chosen", "Rejected"];

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Transform_Defaults_AreTheStepsOneByOne()
    {
        IDataView data = _context.Data.LoadFromEnumerable(PairRow.All);
        IEstimator<ITransformer> steps = _context.Transforms
            .ApplyChatTemplate(SmallChat.Template, [new("ChosenText", "Chosen"), new("RejectedText", "Rejected")])
            .Append(_context.Transforms.TokenizeConversations(
                SmallChat.Tokenizer, [new("ChosenTokens", "ChosenText"), new("RejectedTokens", "RejectedText")], maxLength: 1024))
            .Append(_context.Transforms.MaskResponses(SmallChat.Template, SmallChat.Tokenizer,
                [new("ChosenMask", "ChosenTokens"), new("RejectedMask", "RejectedTokens")]))
            .Append(_context.Transforms.ShiftForNextToken("Chosen"))
            .Append(_context.Transforms.ShiftForNextToken("Rejected"));
        IDataView oneByOne = steps.Fit(data).Transform(data);

        IDataView inOne = Prepare(data, new PreferencePreparationOptions());

        inOne.Schema.Select(c => (c.Name, c.Type)).Should().Equal(oneByOne.Schema.Select(c => (c.Name, c.Type)));
        Rows(inOne).Should().Equal(Rows(oneByOne));
    }

    [Fact]
    public void Transform_NothingKeptOnTheWay_HasTheInputsAndTheTrainersColumns()
    {
        IDataView data = _context.Data.LoadFromEnumerable(PairRow.All);

        IDataView prepared = Prepare(data, new PreferencePreparationOptions { KeepIntermediateColumns = false });

        prepared.Schema.Select(c => c.Name).Should().BeEquivalentTo(
            "Id", "Chosen", "Rejected", "ChosenTokenCount", "RejectedTokenCount", "ChosenInputIds", "ChosenLabels", "ChosenLossMask", "RejectedInputIds",
                "RejectedLabels", "RejectedLossMask");
        Rows(prepared).Should().Equal(Rows(Prepare(data, new PreferencePreparationOptions())));
    }

    [Fact]
    public void Transform_OtherNames_UsesThem()
    {
        IDataView data = _context.Data.LoadFromEnumerable(PairRow.All);
        IDataView renamed = _context.Transforms.CopyColumns("Better", "Chosen").Append(_context.Transforms.CopyColumns("Worse", "Rejected"))
            .Append(_context.Transforms.DropColumns("Chosen", "Rejected")).Fit(data).Transform(data);

        IDataView prepared = Prepare(renamed, new PreferencePreparationOptions
        {
            ChosenColumnName = "Better", RejectedColumnName = "Worse", KeepIntermediateColumns = false,
            Columns = new PairColumns
            {
                ChosenInputIds = "x1", ChosenLabels = "y1", ChosenLossMask = "m1", RejectedInputIds = "x2", RejectedLabels = "y2",
                RejectedLossMask = "m2", ChosenTokenCount = "n1", RejectedTokenCount = "n2"
            },
        });

        prepared.Schema.Select(c => c.Name).Should().Equal("Id", "Better", "Worse", "n1", "n2", "x1", "y1", "m1", "x2", "y2", "m2");
        prepared.GetColumn<int[]>("y2").Select(v => string.Join(' ', v))
            .Should().Equal(Prepare(data, new PreferencePreparationOptions()).GetColumn<int[]>("RejectedLabels").Select(v => string.Join(' ', v)));
    }

    [Fact]
    public void Validate_SeveralFaults_AreAllInOneMessage()
    {
        PreferencePreparationOptions options = new()
        {
            MaxLength = 0, EmptyThinkRatio = 2, Truncation = (TruncationPolicy)7, MaskRule = (ResponseMaskRule)7, RejectedColumnName = "Chosen",
            TemplateOptions = new ChatTemplateOptions { AddGenerationPrompt = true }, Columns = new PairColumns { ChosenLabels = " " },
        };

        options.Invoking(o => o.Validate()).Should().Throw<ArgumentException>().Which.Message.Should()
            .Contain("EmptyThinkRatio is 2").And.Contain("MaxLength is 0").And.Contain("Truncation is 7").And.Contain("MaskRule is 7")
            .And.Contain("AddGenerationPrompt").And.Contain("a column name is empty").And.Contain("'ChosenText' is used 2 times");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Validate_SeedWithNothingLeftToChance_IsRefused(double ratio) =>
        new PreferencePreparationOptions { Seed = 3, EmptyThinkRatio = ratio }.Invoking(o => o.Validate()).Should().Throw<ArgumentException>()
            .WithMessage("*Seed is 3*nothing to chance*");

    [SkippableTheory]
    [InlineData(256, "removed")]
    [InlineData(256, "kept")]
    [InlineData(1024, "removed")]
    [InlineData(1024, "kept")]
    public void Transform_MiniMindsRules_EqualItsDataset(int maxLength, string emptyThink)
    {
        string folder = TestFiles.Shared("fetched", "minimind-tokenizer");
        ChatTemplate template = ChatTemplate.FromTokenizerConfig(File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")));
        JsonElement[] expected = [.. Lines("goldens", "dataset", $"expected_{maxLength}_{emptyThink}.jsonl")];
        Dictionary<int, JsonElement> rows = Lines("goldens", "dataset", "rows.jsonl").ToDictionary(row => row.GetProperty("id").GetInt32());
        IDataView data = _context.Data.LoadFromEnumerable(expected.Select(e => rows[e.GetProperty("id").GetInt32()])
            .Select(row => new PairRow { Chosen = row.GetProperty("chosen").GetRawText(), Rejected = row.GetProperty("rejected").GetRawText() }));

        IDataView prepared = _context.Transforms.PreparePreferencePairs(template, HuggingFaceTokenizer.Load(folder), new PreferencePreparationOptions
        {
            MaxLength = maxLength, MaskRule = ResponseMaskRule.HeaderPattern, EmptyThinkRatio = emptyThink == "kept" ? 1 : 0,
        }).Fit(data).Transform(data);

        expected.Should().HaveCountGreaterThan(30);
        foreach (string side in s_sides)
        {
            Check(prepared.GetColumn<int[]>($"{side}InputIds"), $"x_{side.ToLowerInvariant()}", e => e.GetInt32());
            Check(prepared.GetColumn<int[]>($"{side}Labels"), $"y_{side.ToLowerInvariant()}", e => e.GetInt32());
            Check(prepared.GetColumn<float[]>($"{side}LossMask"), $"mask_{side.ToLowerInvariant()}", e => e.GetSingle());
        }

        // The reference pads to the maximum length; what we give is the part before the padding.
        void Check<T>(IEnumerable<T[]> column, string key, Func<JsonElement, T> value)
        {
            foreach ((T[] ours, JsonElement row) in column.Zip(expected))
            {
                T[] padded = [.. row.GetProperty(key).EnumerateArray().Select(value)];
                ours.Should().Equal(padded.Take(ours.Length), "row {0}, {1}", row.GetProperty("id"), key);
                if (key.StartsWith('y'))
                    padded.Skip(ours.Length).Should().AllBeEquivalentTo(0, "the rest is padding");
            }
        }
    }

    private static IEnumerable<JsonElement> Lines(params string[] parts) =>
        File.ReadLines(TestFiles.Shared(parts)).Select(line => JsonElement.Parse(line));

    private IDataView Prepare(IDataView data, PreferencePreparationOptions options) =>
        _context.Transforms.PreparePreferencePairs(SmallChat.Template, SmallChat.Tokenizer, options).Fit(data).Transform(data);

    private IEnumerable<string> Rows(IDataView view) =>
        _context.Data.CreateEnumerable<PreparedRow>(view, reuseRowObject: false).Select(row => JsonSerializer.Serialize(row));
}
