using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class ApplyChatTemplateTests
{
    private const string EmptyBlock = "<think>\n\n</think>\n\n";
    private static readonly InputOutputColumnPair[] s_texts = [new("ChosenText", "Chosen"), new("RejectedText", "Rejected")];

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Transform_ByDefault_IsWhatTheTemplateWrites()
    {
        PairRow[] pairs = PairRow.All;

        (string chosen, string rejected)[] texts = Apply(pairs);

        texts.Select(t => t.chosen).Should().Equal(pairs.Select(pair => SmallChat.Template.Render(pair.Chosen)));
        texts.Select(t => t.rejected).Should().Equal(pairs.Select(pair => SmallChat.Template.Render(pair.Rejected)));
        texts[0].chosen.Should().Be($"<|im_start|>user\nquestion 0?<|im_end|>\n<|im_start|>assistant\n{EmptyBlock}the answer is 0<|im_end|>\n");
    }

    [Theory]
    [InlineData("{% for m in messages if m.role != 'developer' %}{{ m.role + ':' + m.content }}{% endfor %}", false)]
    [InlineData("{% for m in messages if m.role == 'user' or m.role == 'assistant' %}{{ m.content }}{% endfor %}", false)]
    [InlineData("{% for m in messages %}{{ m.role + ':' + m.content }}{% endfor %}", true)]
    [InlineData("{% for m in messages %}{{ m.role + ':' + m.content | upper | replace(' ', '_') }}{% endfor %}", true)]
    public void Transform_DevelopersMessage_IsWrittenOrRefused(string template, bool isWritten)
    {
        PairRow pair = PairRow.All[0];
        string conversation = pair.Chosen.Replace("[{", "[{\"role\":\"developer\",\"content\":\"Be very brief.\"},{", StringComparison.Ordinal);
        IDataView data = _context.Data.LoadFromEnumerable([new { Chosen = conversation }]);
        Func<string> apply = () =>
            _context.Transforms.ApplyChatTemplate(ChatTemplate.Parse(template), [new("ChosenText", "Chosen")]).Fit(data).Transform(data)
                .GetColumn<string>("ChosenText").Single();

        if (isWritten)
        {
            apply().Should().ContainEquivalentOf("brief");
        }
        else
        {
            apply.Should().Throw<InvalidOperationException>()
                .WithMessage("*message 1 has the role 'developer', and the chat template writes nothing of it*'system'*");
        }
    }

    [Fact]
    public void Transform_RatioZero_RemovesEveryEmptyThinkBlock() =>
        Apply(PairRow.All, emptyThinkRatio: 0).Should().AllSatisfy(text => (text.chosen + text.rejected).Should().NotContain("<think>"));

    [Fact]
    public void Transform_ByChance_DecidesOnceForBothSides()
    {
        (string chosen, string rejected)[] texts = Apply(Many(), emptyThinkRatio: 0.5);

        texts.Should().AllSatisfy(text => text.chosen.Contains(EmptyBlock).Should().Be(text.rejected.Contains(EmptyBlock)));
        texts.Count(text => text.chosen.Contains(EmptyBlock)).Should().BeInRange(70, 130, "of 200 with probability 1/2, four standard deviations are 28");
    }

    [Fact]
    public void Transform_ByChance_DependsOnTheSeedAlone()
    {
        (string, string)[] ofContext = Apply(Many(), emptyThinkRatio: 0.5);

        Apply(Many(), emptyThinkRatio: 0.5, seed: 1).Should().Equal(ofContext, "the context's seed is 1");
        Apply(Many(), emptyThinkRatio: 0.5, seed: 2).Should().NotEqual(ofContext);
    }

    [Fact]
    public void Transform_ByChance_IsTheSameShuffledAndInAPredictionEngine()
    {
        PairRow[] pairs = Many();
        for (int i = 0; i < pairs.Length; i++)
            pairs[i].Id = i;
        IDataView data = _context.Data.LoadFromEnumerable(pairs);
        ITransformer transformer = _context.Transforms.ApplyChatTemplate(SmallChat.Template, s_texts, emptyThinkRatio: 0.5).Fit(data);
        string[] expected = [.. transformer.Transform(data).GetColumn<string>("ChosenText")];

        IDataView shuffled = transformer.Transform(_context.Data.ShuffleRows(data, seed: 7));
        int[] order = [.. shuffled.GetColumn<float>("Id").Select(id => (int)id)];
        using PredictionEngine<PairRow, TextRow> engine = _context.Model.CreatePredictionEngine<PairRow, TextRow>(transformer);

        order.Should().NotBeInAscendingOrder();
        shuffled.GetColumn<string>("ChosenText").Should().Equal(order.Select(i => expected[i]));
        pairs.Reverse().Select(pair => engine.Predict(pair).ChosenText).Should().Equal(expected.Reverse());
    }

    [Fact]
    public void Transform_SystemMessageWithTools_GivesThemToTheTemplate()
    {
        const string Conversation = """[{"role":"system","content":"s","tools":"[{\"name\":\"thermometer\"}]"},{"role":"user","content":"u"}]""";

        Apply([new PairRow { Chosen = Conversation, Rejected = SmallChat.Conversation("q", "a") }]).Single()
            .Should().Match<(string chosen, string rejected)>(text => text.chosen.EndsWith("tools:thermometer") && !text.rejected.Contains("tools:"));
    }

    [Fact]
    public void Transform_Options_ReachTheTemplateAlsoAfterLoading()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{{ mark }} {{ tools[0].name }} {{ strftime_now('%Y-%m-%d %H') }} {{ deep.list[1] }} {{ add_generation_prompt }}");
        ChatTemplateOptions options = new()
        {
            AddGenerationPrompt = true,
            ToolsJson = """[{"name":"spade"}]""",
            Variables = new Dictionary<string, object?> { ["mark"] = "é", ["deep"] = new Dictionary<string, object?> { ["list"] = new[] { 1, 25 } } },
            TimeProvider = new Clock(new DateTimeOffset(2024, 2, 29, 23, 30, 0, TimeSpan.FromHours(-5))),
        };
        IDataView data = _context.Data.LoadFromEnumerable(PairRow.All.Take(1));
        ITransformer transformer = _context.Transforms.ApplyChatTemplate(template, [new("Text", "Chosen")], options).Fit(data);
        using MemoryStream file = new();
        _context.Model.Save(transformer, data.Schema, file);

        string text = transformer.Transform(data).GetColumn<string>("Text").Single();
        string loaded = _context.Model.Load(file, out _).Transform(data).GetColumn<string>("Text").Single();

        text.Should().Be("é spade 2024-02-29 23 25 True");
        loaded.Should().Be(text);
    }

    [Theory]
    [InlineData("no list", "*Row 0, column 'Chosen' ('no list'): chat template: *")]
    [InlineData("""[{"role":"assistant","tool_calls":"x"}]""", "*Row 0, column 'Chosen' (*): 'tool_calls' of a message is not JSON*")]
    public void Transform_BadConversation_NamesRowColumnAndReason(string conversation, string message) =>
        FluentActions.Invoking(() => Apply([new PairRow { Chosen = conversation, Rejected = SmallChat.Conversation("q", "a") }]))
            .Should().Throw<InvalidOperationException>().WithMessage(message);

    [Fact]
    public void ApplyChatTemplate_WrongArguments_Throws()
    {
        FluentActions.Invoking(() => _context.Transforms.ApplyChatTemplate(SmallChat.Template, [])).Should().Throw<ArgumentException>()
            .WithMessage("No columns are named*");
        FluentActions.Invoking(() => _context.Transforms.ApplyChatTemplate(SmallChat.Template, [s_texts[0], s_texts[0]])).Should().Throw<ArgumentException>()
            .WithMessage("*'ChosenText' is named 2 times*");
        FluentActions.Invoking(() => _context.Transforms.ApplyChatTemplate(SmallChat.Template, s_texts, emptyThinkRatio: 1.5)).Should()
            .Throw<ArgumentOutOfRangeException>().WithMessage("*between 0 and 1*");
    }

    private static PairRow[] Many() =>
        [.. Enumerable.Range(0, 200)
            .Select(i => new PairRow { Chosen = SmallChat.Conversation($"q{i}", "a"), Rejected = SmallChat.Conversation($"q{i}", "b") })];

    private (string chosen, string rejected)[] Apply(PairRow[] pairs, double emptyThinkRatio = 1, int? seed = null)
    {
        IDataView data = _context.Data.LoadFromEnumerable(pairs);
        IDataView texts = _context.Transforms.ApplyChatTemplate(SmallChat.Template, s_texts, emptyThinkRatio: emptyThinkRatio, seed: seed).Fit(data)
            .Transform(data);
        return [.. texts.GetColumn<string>("ChosenText").Zip(texts.GetColumn<string>("RejectedText"))];
    }

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("there", now.Offset, null, null);

        public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
    }
}
