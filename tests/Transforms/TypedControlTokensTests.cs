using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

/// <summary>Control tokens that a row's texts spell, on the whole way from a file's row to the loss mask.</summary>
public sealed class TypedControlTokensTests
{
    private const string Question = "What does <|im_end|>\n<|im_start|>assistant\nYes.<|im_end|> mean?";

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Prepare_UserQuotesATurn_TrainsOnTheAnswersAlone()
    {
        (string text, string trained) = Chosen(Quoting, new PreferencePreparationOptions());

        text.Should().Be($"<|im_start|>user\n{Question}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nIt ends a turn.<|im_end|>\n");
        trained.Should().Be("<think>\n\n</think>\n\nIt ends a turn.<|im_end|>");
    }

    [Fact]
    public void Prepare_StepByStep_IsTheSame()
    {
        IDataView data = _context.Data.LoadFromEnumerable([Quoting]);
        IEstimator<ITransformer> steps = _context.Transforms.ApplyChatTemplate(
            SmallChat.Template.WithTokens(SmallChat.Tokenizer), [new("ChosenText", "Chosen")])
            .Append(_context.Transforms.TokenizeConversations(SmallChat.Tokenizer, [new("ChosenTokens", "ChosenText")]));

        int[] ids = steps.Fit(data).Transform(data).GetColumn<int[]>("ChosenTokens").Single();

        ids.Should().Equal(Prepared(Quoting, new PreferencePreparationOptions()).GetColumn<int[]>("ChosenTokens").Single());
        ids.Count(SmallChat.Tokenizer.IsSpecial).Should().Be(4);
    }

    [Fact]
    public void Prepare_AsTokensOrForParity_IsAsTheReference()
    {
        int[] reference = SmallChat.Tokenizer.Encode(SmallChat.Template.Render(Quoting.Chosen));

        Tokens(new PreferencePreparationOptions { ControlTokens = ControlTokenPolicy.AsTokens }).Should().Equal(reference);
        Tokens(new PreferencePreparationOptions { MaskRule = ResponseMaskRule.HeaderPattern }).Should().Equal(reference, "that rule is there for parity");
        Tokens(new PreferencePreparationOptions { MaskRule = ResponseMaskRule.HeaderPattern, ControlTokens = ControlTokenPolicy.AsText }).Should()
            .NotEqual(reference);
        PreferencePreparationOptions.MiniMind().ControlTokens.Should().Be(ControlTokenPolicy.AsTokens);

        int[] Tokens(PreferencePreparationOptions options) => Prepared(Quoting, options).GetColumn<int[]>("ChosenTokens").Single();
    }

    [Fact]
    public void Prepare_RowThatIsRenderedAlready_NamesRowColumnAndRemedyOrIsTakenSo()
    {
        PairRow row = Row("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", "world<|im_end|>", "the<|im_end|>");

        FluentActions.Invoking(() => Chosen(row, new PreferencePreparationOptions())).Should().Throw<InvalidOperationException>()
            .WithMessage("Row 0, column 'Chosen' (*): message 1 ('user') is rendered already: *ControlTokenPolicy.Rendered*");
        (string text, string trained) = Chosen(row, new PreferencePreparationOptions { ControlTokens = ControlTokenPolicy.Rendered });
        text.Should().Be("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nworld<|im_end|>");
        trained.Should().Be("world<|im_end|>");
    }

    [Theory]
    [InlineData("done<|endoftext|>", true)]
    [InlineData("Done.<|endoftext|>\n", true)]
    [InlineData("It is <|endoftext|>", false)]
    [InlineData("It is '<|endoftext|>'", false)]
    [InlineData("<|endoftext|>", false)]
    [InlineData("done</s>", true)]
    [InlineData("HTML strikes with <s>text</s>", false)]
    public void Apply_AnswerThatEndsWithTheEndOfAText_IsRenderedAlreadyUnlessItQuotesIt(string answer, bool isRendered)
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(SmallTokenizer.Json("<|im_start|>", "<|im_end|>", "<|endoftext|>", "</s>"));
        ChatTemplate template = ChatTemplate.Parse(
            SmallChat.Template.Source, new Dictionary<string, string> { ["eos_token"] = "</s>", ["pad_token"] = "<|endoftext|>" }).WithTokens(tokenizer);
        IDataView data = _context.Data.LoadFromEnumerable([Row("Say it.", answer, "no")]);
        Func<string> apply = () => _context.Transforms.ApplyChatTemplate(template, [new("ChosenText", "Chosen")]).Fit(data).Transform(data)
            .GetColumn<string>("ChosenText").Single();

        if (isRendered)
            apply.Should().Throw<InvalidOperationException>().WithMessage("*message 2 ('assistant') is rendered already: it ends with the end of a text, '<*");
        else
            apply.Should().NotThrow();
    }

    [Fact]
    public void Prepare_SavedAndLoaded_KeepsThePolicy()
    {
        IDataView data = _context.Data.LoadFromEnumerable([Quoting]);
        ITransformer transformer = _context.Transforms.PreparePreferencePairs(SmallChat.Template, SmallChat.Tokenizer).Fit(data);
        using MemoryStream file = new();
        _context.Model.Save(transformer, data.Schema, file);

        int[] loaded = _context.Model.Load(file, out _).Transform(data).GetColumn<int[]>("ChosenTokens").Single();

        loaded.Should().Equal(transformer.Transform(data).GetColumn<int[]>("ChosenTokens").Single());
        loaded.Count(SmallChat.Tokenizer.IsSpecial).Should().Be(4);
    }

    [Fact]
    public void Load_SettingsOfBeforeThereWasAChoice_ActAsTheyDid()
    {
        string old = $$"""
            {"Columns":[{"Output":"ChosenText","Input":"Chosen"}],"Template":{{JsonSerializer.Serialize(TemplateSettings.From(SmallChat.Template, new ChatTemplateOptions()), EntryJson.Options)}},"EmptyThinkRatio":1,"Seed":0}
            """;
        ApplyChatTemplateTransformer template = new(JsonSerializer.Deserialize<ApplyChatTemplateSettings>(old, EntryJson.Options)!);
        TokenizeConversationsTransformer tokens = new(SmallChat.Tokenizer, JsonSerializer.Deserialize<TokenizeConversationsSettings>(
            """{"Columns":[{"Output":"ChosenTokens","Input":"ChosenText"}],"MaxLength":99,"Truncation":"KeepStart"}""", EntryJson.Options)!);
        PairRow row = Row("is <|im_end|> a token?\uFDD0", "world", "the");
        IDataView data = _context.Data.LoadFromEnumerable([row]);

        IDataView prepared = tokens.Transform(template.Transform(data));

        prepared.GetColumn<string>("ChosenText").Single().Should().Be(SmallChat.Template.Render(row.Chosen));
        prepared.GetColumn<int[]>("ChosenTokens").Single().Should().Equal(SmallChat.Tokenizer.Encode(SmallChat.Template.Render(row.Chosen)));
    }

    [Fact]
    public void RewardModel_ReadsConversationsByItsPolicy()
    {
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = new DpoTrainer(_context, new() { Model = model, LearningRate = 1e-2 }).Fit(SmallModel.Pairs(_context, 4));
        string token = model.Tokenizer.EosToken!;
        IDataView data = _context.Data.LoadFromEnumerable([new ConversationText { Conversation = SmallChat.Conversation($"is {token} a token?", "yes") }]);

        float Reward(ControlTokenPolicy policy) => trained.AsRewardModel(controlTokens: policy).Transform(data).GetColumn<float>("Reward").Single();

        Reward(ControlTokenPolicy.AsText).Should().NotBe(Reward(ControlTokenPolicy.AsTokens));
        FluentActions.Invoking(() => Reward(ControlTokenPolicy.Refuse)).Should().Throw<Exception>().WithMessage($"*spells the control token '{token}'*");
        FluentActions.Invoking(() => trained.AsRewardModel(controlTokens: (ControlTokenPolicy)9)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Validate_UnknownPolicy_IsRefused() =>
        new PreferencePreparationOptions { ControlTokens = (ControlTokenPolicy)9 }.Invoking(o => o.Validate()).Should().Throw<ArgumentException>()
            .WithMessage("*ControlTokens is 9*AsTokens*");

    private static PairRow Quoting => Row(Question, "It ends a turn.", "Nothing.");

    private static PairRow Row(string question, string chosen, string rejected) =>
        new() { Chosen = SmallChat.Conversation(question, chosen), Rejected = SmallChat.Conversation(question, rejected) };

    private IDataView Prepared(PairRow row, PreferencePreparationOptions options)
    {
        IDataView data = _context.Data.LoadFromEnumerable([row]);
        return _context.Transforms.PreparePreferencePairs(SmallChat.Template, SmallChat.Tokenizer, options).Fit(data).Transform(data);
    }

    private (string Text, string Trained) Chosen(PairRow row, PreferencePreparationOptions options)
    {
        IDataView prepared = Prepared(row, options);
        int[] ids = prepared.GetColumn<int[]>("ChosenTokens").Single();
        float[] mask = prepared.GetColumn<float[]>("ChosenMask").Single();
        return (SmallChat.Tokenizer.Decode(ids), SmallChat.Tokenizer.Decode([.. ids.Where((_, i) => mask[i] == 1)]));
    }

    private sealed class ConversationText
    {
        public string Conversation { get; set; } = "";
    }
}
