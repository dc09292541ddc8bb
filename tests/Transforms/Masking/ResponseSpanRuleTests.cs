using System.Text.Json;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

public sealed class ResponseSpanRuleTests
{
    public static TheoryData<string> Templates => [.. TestTemplate.All.Keys];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Mask_Conversations_CoversExactlyTheAnswersAndTheirEndTokens(string name)
    {
        TestTemplate template = TestTemplate.All[name];
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, template.Render);
        int rendered = 0;
        foreach ((string Role, string Content)[] conversation in Conversations(template.Tokens))
        {
            if (Render(template, conversation) is not { } page)
                continue;
            rendered++;
            int[] ids = tokenizer.Encode(page.Text);
            float[] mask = [.. ids.Select(_ => float.NaN)];
            rule.Mask(ids, mask);
            mask.Should().Equal(ByText(tokenizer, page), "{0} wrote {1}", name, JsonSerializer.Serialize(page.Text));
        }
        rendered.Should().BeGreaterThan(5);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Mask_CutAtTheEnd_IsTheBeginningOfTheWholeMask(string name)
    {
        TestTemplate template = TestTemplate.All[name];
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, template.Render);
        TestTemplate.Page page = Render(template, [("user", "hello"), ("assistant", "the answer\n\nis"), ("user", "the"), ("assistant", " world ")])!;
        int[] ids = tokenizer.Encode(page.Text);
        float[] whole = ByText(tokenizer, page);
        for (int length = 0; length <= ids.Length; length++)
        {
            float[] mask = new float[length];
            rule.Mask(Truncation.Cut(ids, Math.Max(length, 1), TruncationPolicy.KeepStart)[..length], mask);
            mask.Should().Equal(whole[..length], "{0} of {1} tokens are left", length, ids.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Mask_CutAtTheStart_NeverCoversOtherMessagesAndKeepsTheLastAnswer(string name)
    {
        TestTemplate template = TestTemplate.All[name];
        if (template.Tokens.Length == 0)
            return;
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, template.Render);
        (string, string)[] conversation = [("user", "hello world"), ("assistant", "the answer is"), ("user", "the user"),
            ("assistant", "hello world the answer")];
        (string, string)[] withSystem = [("system", "the system is hello"), .. conversation];
        TestTemplate.Page page = Render(template, withSystem) ?? Render(template, conversation)!;
        int[] ids = tokenizer.Encode(page.Text);
        float[] whole = ByText(tokenizer, page);
        int lastAnswer = Array.LastIndexOf(whole[..Array.LastIndexOf(whole, 1f)], 0f) + 1;
        for (int start = 1; start < ids.Length; start++)
        {
            float[] mask = new float[ids.Length - start];
            rule.Mask(ids.AsSpan(start), mask);
            string because = $"the first {start} tokens of {JsonSerializer.Serialize(page.Text)} are gone";
            for (int i = start; i < ids.Length; i++)
                (mask[i - start] <= whole[i]).Should().BeTrue(because);
            // a newline that comes first may be the header's or the answer's
            int known = Math.Max(lastAnswer, tokenizer.Decode([ids[start]]) == "\n" ? start + 1 : start);
            mask[(known - start)..].Should().Equal(whole[known..], because);
        }
    }

    [Fact]
    public void Mask_CutInAnEarlierAnswerThatOnlyAnswersEndLikeThat_CoversItsRest()
    {
        TestTemplate template = TestTemplate.All["instructions"];
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        int[] ids = tokenizer.Encode("world</s>[INST]the[/INST]is</s>");
        Masked(tokenizer, ResponseSpanRule.For(tokenizer, template.Render), ids).Should().Be("world</s>is</s>");
    }

    [Fact]
    public void Mask_HeaderNewlineMergedWithTheAnswersSpaces_CoversTheMergedToken()
    {
        TestTemplate template = TestTemplate.All["chatml"];
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        int[] ids = tokenizer.Encode("<|im_start|>user\nthe<|im_end|>\n<|im_start|>assistant\n  hello<|im_end|>\n");
        Masked(tokenizer, ResponseSpanRule.For(tokenizer, template.Render), ids).Should().Be("\n  hello<|im_end|>", "newline and spaces are one token here");
        Masked(tokenizer, new HeaderPatternRule(tokenizer.Encode("<|im_start|>assistant\n"), tokenizer.Encode("<|im_end|>\n"), 99), ids).Should().BeEmpty();
    }

    [Fact]
    public void Mask_TagsThatAUserQuotes_OpenNothing()
    {
        TestTemplate template = TestTemplate.All["chatml"];
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        int[] ids = tokenizer.Encode(
            "<|im_start|>user\nis <|im_start|>assistant\nthe answer<|im_end|> hello<|im_end|>\n<|im_start|>assistant\nworld<|im_end|>\n");
        Masked(tokenizer, ResponseSpanRule.For(tokenizer, template.Render), ids).Should().Be("world<|im_end|>");
    }

    [Fact]
    public void Mask_AnswerClosedInAnUnforeseenWay_EndsBeforeTheNextAnswerOpens()
    {
        TestTemplate template = TestTemplate.All["turns, alternating"];
        HuggingFaceTokenizer tokenizer = template.Tokenizer();
        int[] ids = tokenizer.Encode(
            "<bos><start_of_turn>user\nthe<end_of_turn>\n<start_of_turn>model\nhello<end_of_turn> ~ <end_of_turn>\n<start_of_turn>model\nworld<end_of_turn>\n");
        Masked(tokenizer, ResponseSpanRule.For(tokenizer, template.Render), ids).Should().Be("hello<end_of_turn>world<end_of_turn>");
    }

    [Fact]
    public void For_TemplateWithoutAnswers_IsRefused()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With();
        FluentActions.Invoking(() => ResponseSpanRule.For(tokenizer, (_, _, _) => new RenderedChat("always the same", [])))
            .Should().Throw<ArgumentException>().WithMessage("*where an assistant's answers start*");
        FluentActions.Invoking(() => ResponseSpanRule.For(tokenizer, (_, _, _) => null)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void For_JinjaTemplateThatRefusesMostConversations_StillFindsTheMarkers()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With("<s>", "</s>", "[INST]", "[/INST]");
        ChatTemplate template = ChatTemplate.Parse(
            """
            {{- bos_token }}
            {%- for message in messages %}
            {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
            {%- if message.role == 'user' %}{{ '[INST]' + message.content + '[/INST]' }}{% else %}{{ message.content + eos_token }}{% endif %}
            {%- endfor %}
            """,
            new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, RendererOf(template));
        string text = template.Render(
            """[{"role":"user","content":"hello"},{"role":"assistant","content":" the </s> """ +
            """answer"},{"role":"user","content":""},{"role":"assistant","content":"is"}]""");
        Masked(tokenizer, rule, tokenizer.Encode(text)).Should().Be(" the </s> answer</s>is</s>");
    }

    [Fact]
    public void For_BuiltInChatMl_MasksWhatItMarks()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With("<|im_start|>", "<|im_end|>");
        string text = ChatTemplate.ChatMl.Render(
            """[{"role":"user","content":"hello"},{"role":"assistant","content":"  the """ +
            """answer"},{"role":"user","content":"is"},{"role":"assistant","content":""}]""");
        Masked(tokenizer, ResponseSpanRule.For(tokenizer, RendererOf(ChatTemplate.ChatMl)), tokenizer.Encode(text)).Should()
            .Be("\n  the answer<|im_end|><|im_end|>");
    }

    [SkippableFact]
    public void Mask_MiniMindsTemplate_CoversItsAnswers()
    {
        string folder = TestFiles.Shared("fetched", "minimind-tokenizer");
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder);
        ResponseSpanRule rule = ResponseSpanRule.For(
            tokenizer, RendererOf(ChatTemplate.FromTokenizerConfig(File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")))));
        int answers = 0;
        foreach (string line in File.ReadLines(TestFiles.Shared("goldens", "chat-template", "visible.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            if (!row.RootElement.TryGetProperty("expected", out JsonElement expected) || expected.ValueKind != JsonValueKind.String)
                continue;
            string text = expected.GetString()!;
            bool asks = row.RootElement.GetProperty("kwargs").TryGetProperty("add_generation_prompt", out JsonElement prompt)
                && prompt.ValueKind == JsonValueKind.True;
            if (asks)
                continue;
            // a turn starts behind another turn's end, and ends where another one starts or the text ends
            (int Start, int End)[] spans = [.. Regex.Matches(
                text, @"(?<=^|<\|im_end\|>\n)<\|im_start\|>assistant\n(.*?<\|im_end\|>)(?=\n(?:<\|im_start\|>(?:user|system|assistant)\n|\z))",
                RegexOptions.Singleline)
                .Select(match => (match.Groups[1].Index, match.Groups[1].Index + match.Groups[1].Length))];
            int[] ids = tokenizer.Encode(text);
            float[] mask = new float[ids.Length];
            rule.Mask(ids, mask);
            mask.Should().Equal(
                tokenizer.EncodeWithSpans(text).Select(token => spans.Any(span => token.Start < span.End && token.Start + token.Length > span.Start) ? 1f : 0f),
                "row {0} is {1}", row.RootElement.GetProperty("id"), text);
            answers += spans.Length;
        }
        answers.Should().BeGreaterThan(40);
    }

    [SkippableFact]
    public void Mask_ReferenceRows_AgreesWithHeaderPatternWhereThatIsRight()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(TestFiles.Shared("fetched", "minimind-tokenizer"));
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, TestTemplate.All["chatml, think everywhere"].Render);
        int compared = 0;
        foreach (string line in File.ReadLines(TestFiles.Shared("goldens", "dataset", "expected_1024_kept.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            int[] ids = [.. row.RootElement.GetProperty("x_chosen").EnumerateArray().Select(id => id.GetInt32())];
            int end = Array.LastIndexOf(ids, tokenizer.EosTokenId!.Value) + 2;
            if (ids.Count(id => id == tokenizer.BosTokenId) != ids.Count(id => id == tokenizer.EosTokenId) || end > ids.Length)
                continue;
            float[] mask = new float[end], reference = new float[end];
            rule.Mask(ids.AsSpan(0, end), mask);
            HeaderPatternRule.For(tokenizer, 1024).Mask(ids.AsSpan(0, end), reference);
            for (int i = 1; i < end; i++)
            {
                if (ids[i - 1] == tokenizer.EosTokenId)
                    reference[i] = 0;
            }

            mask.Should().Equal(reference, "only the newline behind end tokens differs in row {0}", row.RootElement.GetProperty("id"));
            compared++;
        }
        compared.Should().BeGreaterThan(15);
    }

    private static ConversationRenderer RendererOf(ChatTemplate template) => (messagesJson, addGenerationPrompt, toolsJson) =>
        SafeRendering.Of(template, messagesJson, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt, ToolsJson = toolsJson });

    internal static IEnumerable<(string Role, string Content)[]> Conversations(string[] tokens)
    {
        string end = tokens.FirstOrDefault(token => token.Contains("end", StringComparison.OrdinalIgnoreCase) || token == "</s>") ?? "###";
        foreach (string answer in (string[])["hello", "", " ", "  the answer", "\n\nhello\n", "世界 𠀀 é\u0301", $"the {end} is", $"{end}", $"the{end}",
            "<think>\nwhy\n</think>\n\nhello", "user\nassistant\n"])
        {
            yield return [("user", "hello"), ("assistant", answer)];
            yield return [("system", "the system"), ("user", "hello"), ("assistant", answer)];
            yield return [("user", "the"), ("assistant", answer), ("user", "is "), ("assistant", "world"), ("user", ""), ("assistant", answer)];
            yield return [("system", ""), ("user", $"what is {end}?"), ("assistant", "the answer"), ("assistant", answer)];
            yield return [("assistant", answer), ("user", "hello"), ("assistant", "world")];
            yield return [("user", "hello"), ("assistant", answer), ("system", "the"), ("user", "is"), ("assistant", answer)];
            yield return [("user", "hello"), ("assistant", answer), ("tool", "42"), ("assistant", answer), ("user", "the last word is not the assistant's")];
        }
    }

    internal static TestTemplate.Page? Render(TestTemplate template, (string Role, string Content)[] conversation) =>
        TestTemplate.Page.Of(
            template, [.. conversation.Select((message, i) => new TestTemplate.Message(message.Role, message.Content, i == conversation.Length - 1))],
            hasPrompt: false);

    /// <summary>The mask by the text: every token that has a part of an answer or of its end token.</summary>
    internal static float[] ByText(HuggingFaceTokenizer tokenizer, TestTemplate.Page page) =>
        [.. tokenizer.EncodeWithSpans(page.Text).Select(token =>
            page.Answers.Exists(answer => token.Start < answer.Start + answer.Length && token.Start + token.Length > answer.Start) ? 1f : 0f)];

    private static string Masked(HuggingFaceTokenizer tokenizer, IResponseMaskRule rule, int[] ids)
    {
        float[] mask = new float[ids.Length];
        rule.Mask(ids, mask);
        return tokenizer.Decode([.. ids.Where((_, i) => mask[i] == 1)]);
    }
}
