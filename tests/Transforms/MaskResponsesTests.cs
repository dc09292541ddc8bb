using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class MaskResponsesTests
{
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData("the answer")]
    [InlineData("  two spaces first")]
    public void Transform_ResponseSpan_CoversTheAnswerAndItsEndToken(string answer)
    {
        string text = SmallChat.Template.Render(SmallChat.Conversation("is it <|im_end|>?", answer));

        Masked(text).Should().Be($"<think>\n\n</think>\n\n{answer}<|im_end|>");
    }

    [Fact]
    public void Transform_HeaderPattern_MissesAnAnswerThatMergesWithItsHeader()
    {
        HuggingFaceTokenizer tokenizer = SmallChat.Tokenizer;
        string text = ChatTemplate.ChatMl.Render(SmallChat.Conversation("q", "  hello"));
        tokenizer.Encode("\n  ").Should().ContainSingle("this tokenizer merges a line end with spaces behind it");

        Masked(text, ResponseMaskRule.HeaderPattern, ChatTemplate.ChatMl).Should().BeEmpty("that is what MiniMind's rule does");
        Masked(text, ResponseMaskRule.ResponseSpan, ChatTemplate.ChatMl).Should().Be("\n  hello<|im_end|>");
    }

    [Fact]
    public void MaskResponses_HeaderPatternWithoutBosToken_Throws()
    {
        HuggingFaceTokenizer nameless = SmallTokenizer.Parse(SmallTokenizer.Json("<|im_start|>", "<|im_end|>"), new JsonObject());

        FluentActions.Invoking(() => _context.Transforms.MaskResponses(SmallChat.Template, nameless, [new("Mask", "Tokens")], ResponseMaskRule.HeaderPattern))
            .Should().Throw<ArgumentException>().WithMessage("*bos*eos*");
    }

    [Fact]
    public void MaskResponses_TemplateThatHidesAnswers_Throws() =>
        FluentActions.Invoking(() => _context.Transforms.MaskResponses(ChatTemplate.Parse("nothing"), SmallChat.Tokenizer, [new("Mask", "Tokens")])).Should()
            .Throw<ArgumentException>();

    [Fact]
    public void MaskResponses_RuleThatIsNone_Throws() =>
        FluentActions.Invoking(() => _context.Transforms.MaskResponses(SmallChat.Template, SmallChat.Tokenizer, [new("Mask", "Tokens")], (ResponseMaskRule)5))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*one of ResponseSpan, HeaderPattern*");

    private string Masked(string text, ResponseMaskRule rule = ResponseMaskRule.ResponseSpan, ChatTemplate? template = null)
    {
        int[] tokens = SmallChat.Tokenizer.Encode(text);
        IDataView data = _context.Data.LoadFromEnumerable([new TokenRow { ChosenTokens = tokens }]);
        float[] mask = _context.Transforms.MaskResponses(template ?? SmallChat.Template, SmallChat.Tokenizer, [new("Mask", "ChosenTokens")], rule)
            .Fit(data).Transform(data).GetColumn<float[]>("Mask").Single();
        mask.Should().HaveCount(tokens.Length);
        return SmallChat.Tokenizer.Decode([.. tokens.Where((_, i) => mask[i] == 1)]);
    }
}
