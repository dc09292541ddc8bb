using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

/// <summary>Which answers count, texts of the user's own, and what a saved mask keeps.</summary>
public sealed class MaskOptionTests
{
    private static readonly string s_untellable = FieldTemplate.Refused["marks in the last turn only"].Source;
    private static readonly InputOutputColumnPair[] s_pair = [new("ChosenMask", "ChosenTokens"), new("RejectedMask", "RejectedTokens")];

    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(CountedAnswers.Every, "Hello.<|im_end|>¦Fine.<|im_end|>¦Good day.<|im_end|>", "Hello.<|im_end|>¦Bad.<|im_end|>¦Good day.<|im_end|>")]
    [InlineData(CountedAnswers.Last, "Good day.<|im_end|>", "Good day.<|im_end|>")]
    [InlineData(CountedAnswers.AfterParting, "Fine.<|im_end|>¦Good day.<|im_end|>", "Bad.<|im_end|>¦Good day.<|im_end|>")]
    public void Transform_PairsThatPartInTheMiddle_MasksTheAnswersThatCount(CountedAnswers answers, string chosen, string rejected)
    {
        string[] sides = Masked(answers, Texts("Fine."), Texts("Bad."));

        sides.Should().Equal(chosen, rejected);
    }

    [Fact]
    public void Transform_PairsThatPartWithinAnAnswer_MasksTheWholeAnswer() =>
        Masked(CountedAnswers.AfterParting, Texts("I think so."), Texts("I think not.")).Should()
            .Equal("I think so.<|im_end|>¦Good day.<|im_end|>", "I think not.<|im_end|>¦Good day.<|im_end|>");

    [Fact]
    public void Transform_AnswerThatIsTheBeginningOfTheOther_CountsForItsEnd() =>
        Masked(CountedAnswers.AfterParting, Texts("I think"), Texts("I think so."))[0].Should().StartWith("I think<|im_end|>¦");

    [Fact]
    public void Transform_LastAnswerCutOff_MasksNothing()
    {
        int[] whole = SmallChat.Tokenizer.Encode(ChatTemplate.ChatMl.Render(Texts("Fine.")));
        string text = ChatTemplate.ChatMl.Render(Texts("Fine."));
        int inThirdQuestion = SmallChat.Tokenizer.Encode(text[..(text.IndexOf("Bye", StringComparison.Ordinal) + 2)]).Length;

        Masked(CountedAnswers.Last, whole[..inThirdQuestion], whole)[0].Should().BeEmpty("the answer that is left is not the last one");
        Masked(CountedAnswers.Every, whole[..inThirdQuestion], whole)[0].Should().Be("Hello.<|im_end|>¦Fine.<|im_end|>");
        Masked(CountedAnswers.Last, whole[..^3], whole)[0].Should().Be("Good day", "an answer that lost its end is still the last one");
    }

    [Fact]
    public void Transform_LastAnswerByHeaderPattern_IsTheLastOne() =>
        Masked(CountedAnswers.Last, Texts("Fine."), Texts("Bad."), ResponseMaskRule.HeaderPattern).Should()
            .Equal("Good day.<|im_end|>\n", "Good day.<|im_end|>\n");

    [Fact]
    public void MaskResponses_TemplateThatRefusesEveryAnswer_IsRefusedWithTheTemplatesReason()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% macro said(c) %}{% generation %}{{ c }}{% endgeneration %}{% endmacro %}{% for m in messages %}<|im_start|>{{ m.role }}\n"
            + "{{ said(m.content) if m.role == 'assistant' else m.content }}<|im_end|>\n{% endfor %}");

        FluentActions.Invoking(() => _context.Transforms.MaskResponses(template, SmallChat.Tokenizer, [new("Mask", "Tokens")]))
            .Should().Throw<ArgumentException>().WithMessage("*refused by the template itself: chat template:1:*{% generation %} inside a macro*");
    }

    [Fact]
    public void MaskResponses_PartingOfOneColumn_IsRefused() =>
        FluentActions.Invoking(() => _context.Transforms.MaskResponses(
            ChatTemplate.ChatMl, SmallChat.Tokenizer, [new("Mask", "Tokens")], answers: CountedAnswers.AfterParting))
            .Should().Throw<ArgumentException>().WithMessage("*AfterParting compares the sides*");

    [Theory]
    [InlineData("<|bot|>", null, ResponseMaskRule.ResponseSpan, "*go together*")]
    [InlineData(null, "\n", ResponseMaskRule.ResponseSpan, "*go together*")]
    [InlineData("", "\n", ResponseMaskRule.ResponseSpan, "*neither is empty*")]
    [InlineData("<|bot|>", "\n", ResponseMaskRule.HeaderPattern, "*do nothing with ResponseMaskRule.HeaderPattern*")]
    [InlineData("<|assistant|>", "<|im_end|>", ResponseMaskRule.ResponseSpan,
        "*ResponseStart does not stand before an answer*<|im_end|>\\n<|im_start|>assistant\\n*")]
    [InlineData("assistant\n", "<|end|>", ResponseMaskRule.ResponseSpan, "*ResponseEnd does not stand behind an answer*<|im_end|>\\n<|im_start|>user*")]
    [InlineData("assistant\n", "\n", ResponseMaskRule.ResponseSpan, "*(user, assistant with reasoning) the mask holds*should hold*")]
    public void MaskResponses_TextsThatDoNotTellAnswers_AreRefusedWithWhatStandsThere(string? start, string? end, ResponseMaskRule rule, string says) =>
        FluentActions.Invoking(() => _context.Transforms.MaskResponses(
            ChatTemplate.Parse(s_untellable), SmallChat.Tokenizer, [new("Mask", "Tokens")], rule, responseStart: start, responseEnd: end))
            .Should().Throw<ArgumentException>().WithMessage(says);

    [Fact]
    public void MaskResponses_TextsOfTheUser_MaskWhatTheTemplateDoesNotTell()
    {
        ChatTemplate template = ChatTemplate.Parse(s_untellable);
        FluentActions.Invoking(() => _context.Transforms.MaskResponses(template, SmallChat.Tokenizer, s_pair)).Should().Throw<ArgumentException>()
            .WithMessage("*ResponseStart*");
        IEstimator<ITransformer> step = _context.Transforms.MaskResponses(
            template, SmallChat.Tokenizer, s_pair, responseStart: "<|im_start|>assistant\n", responseEnd: "<|im_end|>");

        (string[] before, string[] after) = SavedAndLoaded(
            step, SmallChat.Tokenizer.Encode(template.Render(Texts("  Fine."))), SmallChat.Tokenizer.Encode(template.Render(Texts("Bad."))));

        before.Should().Equal("Hello.<|im_end|>¦\n  Fine.<|im_end|>¦Good day.<|im_end|>", "Hello.<|im_end|>¦Bad.<|im_end|>¦Good day.<|im_end|>");
        after.Should().Equal(before);
    }

    [Fact]
    public void Load_LastAnswer_CountsItAgain()
    {
        int[] tokens = SmallChat.Tokenizer.Encode(ChatTemplate.ChatMl.Render(Texts("Fine.")));

        (string[] before, string[] after) = SavedAndLoaded(
            _context.Transforms.MaskResponses(ChatTemplate.ChatMl, SmallChat.Tokenizer, s_pair, answers: CountedAnswers.Last), tokens, tokens);

        before.Should().Equal("Good day.<|im_end|>", "Good day.<|im_end|>");
        after.Should().Equal(before);
    }

    [Fact]
    public void Load_SavedMarkers_ActWithoutATemplateToProveThem()
    {
        int[] tokens = SmallChat.Tokenizer.Encode(ChatTemplate.ChatMl.Render(Texts("Fine.")));

        (string[] before, string[] after) = SavedAndLoaded(
            _context.Transforms.MaskResponses(ChatTemplate.ChatMl, SmallChat.Tokenizer, s_pair), tokens, tokens,
                settings => settings["Template"]!["Source"] = "nothing");

        after.Should().Equal(before).And.Contain("Hello.<|im_end|>¦Fine.<|im_end|>¦Good day.<|im_end|>");
    }

    [Fact]
    public void Load_FileOfAnEarlierVersion_MasksAlsoWhatIsRefusedToday()
    {
        string unproven = FieldTemplate.Refused["nothing before a user's message"].Source;
        FluentActions.Invoking(() => _context.Transforms.MaskResponses(ChatTemplate.Parse(unproven), SmallChat.Tokenizer, s_pair)).Should()
            .Throw<ArgumentException>();
        int[] tokens = SmallChat.Tokenizer.Encode("What?Answer:That.");

        (_, string[] after) = SavedAndLoaded(_context.Transforms.MaskResponses(ChatTemplate.ChatMl, SmallChat.Tokenizer, s_pair), tokens, tokens, settings =>
        {
            settings["Template"]!["Source"] = unproven;
            foreach (string key in (string[])["Answers", "ResponseStart", "ResponseEnd", "Markers"])
                settings.AsObject().Remove(key).Should().BeTrue();
        });

        after.Should().Equal("That.", "That.");
    }

    [Theory]
    [InlineData(CountedAnswers.Every, null, "ResponseSpan")]
    [InlineData(CountedAnswers.Last, null, "ResponseSpan, the last answer")]
    [InlineData(CountedAnswers.AfterParting, null, "ResponseSpan, the answers from where the sides part")]
    [InlineData(CountedAnswers.Every, "<|im_start|>assistant\n", """ResponseSpan between "<|im_start|>assistant\n" and "<|im_end|>" """)]
    public void Prepare_AnyOption_IsToldByTheMasksColumn(CountedAnswers answers, string? start, string rule)
    {
        IDataView data = _context.Data.LoadFromEnumerable(PairRow.All);
        PreferencePreparationOptions options = new()
        {
            CountedAnswers = answers, ResponseStart = start,
            ResponseEnd = start is null ? null : "<|im_end|>"
        };

        DataViewSchema schema = _context.Transforms.PreparePreferencePairs(ChatTemplate.ChatMl, SmallChat.Tokenizer, options).Fit(data).Transform(data).Schema;

        MaskRuleAnnotation.Find(schema["RejectedLossMask"]).Should().Be(rule.TrimEnd());
    }

    [Fact]
    public void Validate_PartingBehindACutBeginning_IsRefused() =>
        FluentActions.Invoking(() => new PreferencePreparationOptions
        {
            CountedAnswers = CountedAnswers.AfterParting, Truncation = TruncationPolicy.KeepEnd,
            ResponseEnd = "x"
        }.Validate())
            .Should().Throw<ArgumentException>().WithMessage("*AfterParting*KeepEnd*").WithMessage("*ResponseStart and ResponseEnd go together*");

    [Fact]
    public void MiniMind_Preset_CountsEveryAnswerByItsPattern()
    {
        PreferencePreparationOptions preset = PreferencePreparationOptions.MiniMind();

        (preset.CountedAnswers, preset.ResponseStart, preset.ResponseEnd, preset.MaskRule).Should()
            .Be((CountedAnswers.Every, null, null, ResponseMaskRule.HeaderPattern));
    }

    private static string Texts(string second) => JsonSerializer.Serialize(new[]
    {
        new { role = "user", content = "Hi." }, new { role = "assistant", content = "Hello." },
        new { role = "user", content = "How?" }, new { role = "assistant", content = second },
        new { role = "user", content = "Bye." }, new { role = "assistant", content = "Good day." },
    });

    private string[] Masked(CountedAnswers answers, string chosen, string rejected, ResponseMaskRule rule = ResponseMaskRule.ResponseSpan) =>
        Masked(answers, SmallChat.Tokenizer.Encode(ChatTemplate.ChatMl.Render(chosen)), SmallChat.Tokenizer.Encode(ChatTemplate.ChatMl.Render(rejected)), rule);

    private string[] Masked(CountedAnswers answers, int[] chosen, int[] rejected, ResponseMaskRule rule = ResponseMaskRule.ResponseSpan)
    {
        IDataView data = Data(chosen, rejected);
        return Masked(_context.Transforms.MaskResponses(ChatTemplate.ChatMl, SmallChat.Tokenizer, s_pair, rule, answers: answers).Fit(data).Transform(data));
    }

    private (string[] Before, string[] After) SavedAndLoaded(IEstimator<ITransformer> step, int[] chosen, int[] rejected, Action<JsonNode>? change = null)
    {
        IDataView data = Data(chosen, rejected);
        ITransformer made = step.Fit(data);
        using MemoryStream file = new();
        _context.Model.Save(made, data.Schema, file);
        if (change is not null)
            Change(file, change);
        file.Position = 0;
        return (Masked(made.Transform(data)), Masked(_context.Model.Load(file, out _).Transform(data)));
    }

    private static void Change(MemoryStream file, Action<JsonNode> change)
    {
        using ZipArchive archive = new(file, ZipArchiveMode.Update, leaveOpen: true);
        ZipArchiveEntry entry = archive.Entries.Single(entry => entry.FullName.Replace('\\', '/').EndsWith("/settings.json", StringComparison.Ordinal));
        JsonNode settings;
        using (Stream read = entry.Open())
            settings = JsonNode.Parse(read)!;
        change(settings);
        string name = entry.FullName;
        entry.Delete();
        using Stream write = archive.CreateEntry(name).Open();
        write.Write(JsonSerializer.SerializeToUtf8Bytes(settings));
    }

    private IDataView Data(int[] chosen, int[] rejected) =>
        _context.Data.LoadFromEnumerable([new TokenRow { ChosenTokens = chosen, RejectedTokens = rejected }]);

    private static string[] Masked(IDataView data) =>
    [
        .. ((string[])["Chosen", "Rejected"]).Select(side =>
        {
            int[] tokens = data.GetColumn<int[]>($"{side}Tokens").Single();
            float[] mask = data.GetColumn<float[]>($"{side}Mask").Single();
            List<string> pieces = new();
            for (int start = 0; start < tokens.Length; start++)
            {
                int end = start;
                while (end < tokens.Length && mask[end] == 1)
                    end++;
                if (end > start)
                    pieces.Add(SmallChat.Tokenizer.Decode(tokens.AsSpan(start..end)));
                start = end;
            }
            return string.Join('¦', pieces);
        }),
    ];
}
