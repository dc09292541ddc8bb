using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

/// <summary>Masks under tokenizers that put spaces before texts and fall back to bytes.</summary>
public sealed class SentencePieceMaskTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = new();
            foreach (string style in SmallSentencePiece.Styles)
            {
                foreach (string template in TestTemplate.All.Keys)
                    cases.Add(style, template);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mask_Conversations_CoversExactlyTheAnswersAndTheirEndTokens(string style, string name)
    {
        TestTemplate template = TestTemplate.All[name];
        HuggingFaceTokenizer tokenizer = Tokenizer(style, template);
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, template.Render);
        int rendered = 0;
        foreach ((string Role, string Content)[] conversation in ResponseSpanRuleTests.Conversations(template.Tokens))
        {
            if (ResponseSpanRuleTests.Render(template, conversation) is not { } page)
                continue;
            rendered++;
            int[] ids = tokenizer.Encode(page.Text);
            float[] mask = [.. ids.Select(_ => float.NaN)];
            rule.Mask(ids, mask);
            mask.Should().Equal(ResponseSpanRuleTests.ByText(tokenizer, page), "{0} wrote {1}: {2}", name, JsonSerializer.Serialize(page.Text),
                string.Join(' ', tokenizer.Tokens(page.Text)));
        }
        rendered.Should().BeGreaterThan(5);
    }

    [Theory]
    [InlineData("prepend")]
    [InlineData("first")]
    [InlineData("always")]
    [InlineData("never")]
    public void Mask_NamedTexts_AreFoundWithoutTheSpaceThatIsPutBeforeATextAlone(string style)
    {
        TestTemplate template = TestTemplate.All["chatml"];
        HuggingFaceTokenizer tokenizer = Tokenizer(style, template);
        ResponseTextRule rule = ResponseTextRule.For(tokenizer, template.Render, "istant\n", "<|im_end|>"); // within a text
        string text = ResponseSpanRuleTests.Render(template, [("user", "hello"), ("assistant", "the answer"), ("user", "is"), ("assistant", "世界")])!.Text;
        int[] ids = tokenizer.Encode(text);
        float[] mask = new float[ids.Length];

        rule.Mask(ids, mask);

        tokenizer.Decode([.. ids.Where((_, i) => mask[i] == 1)]).Should().Be("the answer<|im_end|>世界<|im_end|>");
    }

    [Theory]
    [InlineData("prepend", 1)]
    [InlineData("first", 1)]
    [InlineData("always", 1)]
    [InlineData("never", 0)]
    public void SymbolAt_TextWithASpacePutBeforeIt_CountsIt(string style, int putIn)
    {
        TextPositions positions = new("hello world", SmallSentencePiece.With(style));
        positions.Sequence.Symbols.Should().HaveCount("hello world".Length + putIn);
        positions.SymbolAt(0).Should().Be(0, "what is put before a character belongs to it");
        for (int i = 1; i <= "hello world".Length; i++)
            positions.SymbolAt(i).Should().Be(i + putIn);
    }

    private static HuggingFaceTokenizer Tokenizer(string style, TestTemplate template)
    {
        JsonObject json = SmallSentencePiece.Json(style, [.. template.Tokens.Select(token => token.TrimStart('+'))]);
        foreach (JsonNode? token in json["added_tokens"]!.AsArray())
        {
            if (template.Tokens.Contains("+" + token!["content"]!.GetValue<string>()))
                token["special"] = false;
        }

        return SmallTokenizer.Parse(json);
    }
}
