using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

public sealed class ChatTemplateTests
{
    private const string Hello = """[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi!"}]""";

    [Fact]
    public void ChatMl_Conversation_MarksEachTurn()
    {
        ChatTemplate.ChatMl.Render(Hello).Should().Be("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi!<|im_end|>\n");
    }

    [Fact]
    public void ChatMl_GenerationPrompt_BeginsAnAnswer()
    {
        string text = ChatTemplate.ChatMl.Render("""[{"role": "user", "content": "Hello"}]""", new ChatTemplateOptions { AddGenerationPrompt = true });

        text.Should().Be("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
    }

    [Fact]
    public void ChatMl_ContentInPartsOrNone_PrintsTheTextParts()
    {
        const string Messages =
            """[{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}, """ +
            """{"role": "assistant", "content": null}]""";

        ChatTemplate.ChatMl.Render(Messages).Should().Be("<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n<|im_end|>\n");
    }

    [Fact]
    public void RenderWithSpans_ChatMl_CoversAnswersAndTheirEndTokens()
    {
        RenderedChat chat = ChatTemplate.ChatMl.RenderWithSpans(Hello);

        chat.GenerationSpans.Select(span => chat.Text.Substring(span.Start, span.Length)).Should().Equal("Hi!<|im_end|>");
        ChatTemplate.ChatMl.MarksGeneration.Should().BeTrue();
    }

    [Fact]
    public void RenderWithSpans_MarkInsideMacro_IsRefused()
    {
        ChatTemplate template = ChatTemplate.Parse("{% macro m() %}{% generation %}x{% endgeneration %}{% endmacro %}{{ m() }}");

        Action render = () => template.RenderWithSpans(Hello);

        template.Render(Hello).Should().Be("x", "without spans nobody needs the place");
        render.Should().Throw<ChatTemplateException>().WithMessage("*inside a macro, call, filter or set block has no place*");
    }

    [Fact]
    public void FromTokenizerConfig_TemplateAndTokens_AreTaken()
    {
        const string Config =
            """{"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null, "image_token": "<img>", "extra_special_tokens": """ +
                """{"audio_token": "<au>"}, "model_max_length": 5, "chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ """ +
                """image_token }}{{ audio_token }}{{ pad_token is defined }}"}""";

        ChatTemplate template = ChatTemplate.FromTokenizerConfig(Config);

        template.Render(Hello).Should().Be("<s>Hello</s><img><au>False");
        template.SpecialTokens.Should().BeEquivalentTo(new Dictionary<string,
            string>
        { ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["image_token"] = "<img>", ["audio_token"] = "<au>" });
    }

    [Fact]
    public void FromTokenizerConfig_SeveralTemplates_TakesTheDefault()
    {
        const string Config = """{"chat_template": [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "plain"}]}""";

        ChatTemplate.FromTokenizerConfig(Config).Source.Should().Be("plain");
    }

    [Fact]
    public void FromTokenizerConfig_TemplateFile_ComesFirst()
    {
        ChatTemplate.FromTokenizerConfig("""{"bos_token": "<s>", "chat_template": "old"}""", "new {{ bos_token }}").Render(Hello).Should().Be("new <s>");
    }

    [Theory]
    [InlineData("""{"bos_token": "<s>"}""")]
    [InlineData("""{"bos_token": "<s>", "chat_template": null}""")]
    public void FromTokenizerConfig_NoTemplate_GivesChatMl(string config)
    {
        ChatTemplate template = ChatTemplate.FromTokenizerConfig(config);

        template.Source.Should().Be(ChatTemplate.ChatMl.Source);
        template.SpecialTokens.Should().ContainKey("bos_token");
    }

    [Theory]
    [InlineData("", "tokenizer_config.json: not valid JSON at line 1, byte 1")]
    [InlineData("{\n  \"chat_template\": }", "tokenizer_config.json: not valid JSON at line 2, byte 20")]
    [InlineData("[]", "tokenizer_config.json is not a JSON object")]
    [InlineData("{\"chat_template\": 5}", "tokenizer_config.json: 'chat_template' is neither a text nor a list")]
    [InlineData("{\"chat_template\": [5]}", "tokenizer_config.json: an item of 'chat_template' is not an object")]
    [InlineData("{\"chat_template\": [{\"name\": \"rag\", \"template\": \"x\"}]}",
        "none of the templates in 'chat_template' is called 'default'; there is rag")]
    public void FromTokenizerConfig_WrongFile_SaysWhat(string config, string message)
    {
        Action read = () => ChatTemplate.FromTokenizerConfig(config);

        read.Should().Throw<ChatTemplateException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void Render_Variables_OfAllKindsReachTheTemplate()
    {
        ChatTemplate template = ChatTemplate.Parse("{{ [a, b, c, d, e, f, g, h, i] }}", new Dictionary<string, string> { ["a"] = "token" });
        Dictionary<string, object?> variables = new()
        {
            ["a"] = null,
            ["b"] = true,
            ["c"] = 3,
            ["d"] = 2.5f,
            ["e"] = ulong.MaxValue,
            ["f"] = "text",
            ["g"] = new[] { 1, 2 },
            ["h"] = new Dictionary<string, object?> { ["k"] = new List<string> { "v" } },
            ["i"] = JsonSerializer.SerializeToElement(new { x = 1 }),
        };

        string text = template.Render("[]", new ChatTemplateOptions { Variables = variables });

        text.Should().Be("[None, True, 3, 2.5, 18446744073709551615, 'text', [1, 2], {'k': ['v']}, {'x': 1}]");
    }

    [Fact]
    public void Render_VariableOfForeignType_IsRefused()
    {
        Action render = () => ChatTemplate.ChatMl.Render(
            Hello, new ChatTemplateOptions { Variables = new Dictionary<string, object?> { ["x"] = new Uri("http://x") } });

        render.Should().Throw<ArgumentException>().WithMessage("the variable 'x' has a value of type System.Uri*");
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("tools")]
    [InlineData("add_generation_prompt")]
    public void Render_VariableWithOwnName_IsRefused(string name)
    {
        Action render = () => ChatTemplate.ChatMl.Render(Hello, new ChatTemplateOptions { Variables = new Dictionary<string, object?> { [name] = 1 } });

        render.Should().Throw<ArgumentException>().WithMessage($"the variable '{name}' is the template's own*");
    }

    [Fact]
    public void Render_NumbersAndKeysInJson_ComeOutAsPythonReadsThem()
    {
        const string Messages = """[{"n": [1, 1.0, -0, 1E5, 123456789012345678901234567890, 1e999], "k": 1, "m": 2, "k": 3}]""";

        ChatTemplate.Parse("{{ messages[0] | tojson }}").Render(Messages)
            .Should().Be("""{"n": [1, 1.0, 0, 100000.0, 123456789012345678901234567890, Infinity], "k": 3, "m": 2}""");
    }

    [Theory]
    [InlineData("", "the messages: not valid JSON")]
    [InlineData("[{]", "the messages: not valid JSON at line 1, byte 3")]
    [InlineData("[] []", "the messages: not valid JSON")]
    [InlineData("{}", "the messages are not a JSON array")]
    [InlineData("""["\ud800"]""", "the messages: a text at byte 1 has half of a surrogate pair")]
    public void Render_WrongMessages_SaysWhat(string messages, string message)
    {
        Action render = () => ChatTemplate.ChatMl.Render(messages);

        render.Should().Throw<ChatTemplateException>().WithMessage($"*{message}*").Which.Line.Should().Be(0);
    }

    [Fact]
    public void Render_HalfASurrogatePairInMessages_SaysWhere()
    {
        Action render = () => ChatTemplate.ChatMl.Render("[\"\ud800\"]");

        render.Should().Throw<ChatTemplateException>().WithMessage("chat template: the messages: half of a surrogate pair at index 2");
    }

    [Fact]
    public void Render_DeepMessages_AreRefused()
    {
        Action render = () => ChatTemplate.ChatMl.Render(new string('[', 100_000));

        render.Should().Throw<ChatTemplateException>().WithMessage("*the messages: not valid JSON*depth*");
    }

    [Fact]
    public void Render_TemplateRaises_ReasonIsItsMessage()
    {
        Action render = () => ChatTemplate.Parse("{{ raise_exception('Turns must alternate') }}").Render(Hello);

        render.Should().Throw<ChatTemplateException>().Which.Reason.Should().Be("Turns must alternate");
    }

    [Fact]
    public void Render_StrftimeNow_IsInTheClocksTimeZone()
    {
        ShiftedClock clock = new(new DateTimeOffset(2024, 12, 31, 23, 30, 0, TimeSpan.Zero), TimeSpan.FromHours(1));

        ChatTemplate.Parse("{{ strftime_now('%d %b %Y %H:%M') }}").Render("[]", new ChatTemplateOptions { TimeProvider = clock }).Should()
            .Be("01 Jan 2025 00:30");
    }

    [Fact]
    public void Render_FromManyThreads_GivesTheSame()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + m.content %}{% endfor %}{{ ns.n }}");

        string[] texts = ParallelEnumerable.Range(0, 400).WithDegreeOfParallelism(4)
            .Select(i => template.Render($$"""[{"content": {{i}}}, {"content": 1}]""")).ToArray();

        texts.Select(int.Parse).Order().Should().Equal(Enumerable.Range(1, 400));
    }

    [Fact]
    public void Render_LongConversation_StaysWithinItsLimits()
    {
        string messages = "[" + string.Join(",", Enumerable.Range(0, 2000)
            .Select(i => $$"""{"role": "{{(i % 2 == 0 ? "user" : "assistant")}}", "content": "turn {{i}} of a long talk"}""")) + "]";

        ChatTemplate.ChatMl.Render(messages).Should().EndWith("<|im_start|>assistant\nturn 1999 of a long talk<|im_end|>\n");
    }

    private sealed class ShiftedClock(DateTimeOffset now, TimeSpan offset) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("shifted", offset, null, null);

        public override DateTimeOffset GetUtcNow() => now;
    }
}
