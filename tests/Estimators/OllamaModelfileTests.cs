using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed partial class OllamaModelfileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SaveGguf_WithModelfile_NamesTheFileTheTemplateAndTheEnds()
    {
        using PretrainedModel model = SmallModel.Create();

        model.SaveGguf(_folder.File("my model.gguf"), GgufType.Q8_0, new GgufOptions { WriteModelfile = true });

        File.ReadAllText(_folder.File("Modelfile")).Should().Be(
            """"
            FROM ./my model.gguf
            TEMPLATE """{{ range .Messages }}{{ if eq .Role "system" }}{{ "<|im_start|>system\u000a" }}{{ .Content }}{{ "<|im_end|>\u000a" }}{{ else if eq .Role "user" }}{{ "<|im_start|>user\u000a" }}{{ .Content }}{{ "<|im_end|>\u000a" }}{{ else if eq .Role "assistant" }}{{ "<|im_start|>assistant\u000a" }}{{ .Content }}{{ "<|im_end|>\u000a" }}{{ end }}{{ end }}{{ "<|im_start|>assistant\u000a" }}"""
            PARAMETER stop "<|im_end|>"

            """".ReplaceLineEndings("\n"));
    }

    [Fact]
    public void SaveGguf_SeveralEnds_StopsAtEach()
    {
        using PretrainedModel model = SmallModel.Create(
            config: new()
            {
                VocabularySize = 1024, HiddenSize = 32, LayerCount = 1, HeadCount = 1, KeyValueHeadCount = 1, EosTokenId = 0,
                EosTokenIds = [0, 2]
            });

        model.SaveGguf(_folder.File("model.gguf"), GgufType.F32, new GgufOptions { WriteModelfile = true, Name = "mine" });

        File.ReadAllLines(_folder.File("Modelfile")).Where(line => line.StartsWith("PARAMETER", StringComparison.Ordinal)).Should()
            .Equal("PARAMETER stop \"<|im_end|>\"", "PARAMETER stop \"<|endoftext|>\"");
        Encoding.UTF8.GetString(File.ReadAllBytes(_folder.File("model.gguf"))).Should().Contain("general.name").And.Contain("mine");
    }

    [Theory]
    [InlineData(
        """{{ "<s>" }}{% for m in messages %}{{ '[' + m.role + '] "' + m.content + '"\n' }}{% endfor %}{% if add_generation_prompt %}{{ '[assistant] "' """ +
        """}}{% endif %}""")]
    [InlineData(
        """{% if messages[0].role != 'system' %}{{ '<|im_start|>system\nYou help {{people}}.<|im_end|>\n' }}{% endif %}{% for m in messages %}{{ """ +
        """'<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ """ +
        """'<|im_start|>assistant\n<think>\n\n</think>\n\n' }}{% endif %}""")]
    [InlineData(
        """{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ '<t>' + ('model' if m.role == 'assistant' """ +
        """else 'user') + '\n' + m.content + '</t>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<t>model\n' }}{% endif %}""")]
    public void Of_TemplateOfFixedTexts_WritesWhatTheTemplateWrites(string source)
    {
        ChatTemplate template = ChatTemplate.Parse(source);

        string go = OllamaTemplate.Of(template);

        foreach (string roles in (string[])["u", "uau", "suau", "uu"])
        {
            if (roles[0] == 's' && source.Contains("no system", StringComparison.Ordinal))
                continue;
            (string Role, string Content)[] messages = [.. roles
                .Select((role, i) => (role switch { 's' => "system", 'u' => "user", _ => "assistant" }, $"text {i}"))];
            Execute(go, messages).Should().Be(template.Render(
                new JsonArray([.. messages.Select(m => new JsonObject { ["role"] = m.Role, ["content"] = m.Content })]).ToJsonString(),
                    new ChatTemplateOptions { AddGenerationPrompt = true }), roles);
        }
    }

    [SkippableFact]
    public void Of_MiniMindTemplate_WritesThePromptThatItWrites()
    {
        using PretrainedModel model = PretrainedModel.Load(TestFiles.Shared("fetched", "minimind-256"));

        Execute(OllamaTemplate.Of(model.ChatTemplate), [("system", "Be kind."), ("user", "Hello")]).Should().Be(
            "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
    }

    [Fact]
    public void Of_TemplateThatCountsMessages_IsRefused()
    {
        ChatTemplate template = ChatTemplate.Parse("{% for m in messages %}{{ loop.index ~ m.role ~ m.content }}{% endfor %}");

        FluentActions.Invoking(() => OllamaTemplate.Of(template)).Should().Throw<NotSupportedException>()
            .WithMessage("*more than the message's role*WriteModelfile*");
    }

    [Fact]
    public void SaveGguf_BuiltInTemplate_HasNoMarksThatOnlyTrainersKnow()
    {
        string source = GenerationMarks.Replace(ChatTemplate.ChatMl), messages = """[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]""";

        source.Should().NotContain("generation %}");
        ChatTemplate.Parse(source).Render(messages).Should().Be(ChatTemplate.ChatMl.Render(messages));
    }

    /// <summary>Executes the part of Go's templates that is used: texts, the first message's role, a range with a choice by role.</summary>
    private static string Execute(string go, (string Role, string Content)[] messages)
    {
        Match parts = Parts().Match(go);
        parts.Success.Should().BeTrue(go);
        StringBuilder text = new();
        if (parts.Groups["always"].Success || messages[0].Role != "system")
            text.Append(Texts(parts.Groups["first"].Value));
        foreach ((string role, string content) in messages)
        {
            foreach (Match branch in Branch().Matches(parts.Groups["body"].Value).Where(branch => branch.Groups["role"].Value == role))
                text.Append(Texts(branch.Groups["before"].Value)).Append(content).Append(Texts(branch.Groups["behind"].Value));
        }
        return text.Append(Texts(parts.Groups["prompt"].Value)).ToString();
    }

    private static string Texts(string actions) => string
        .Concat(Literal().Matches(actions).Select(match => JsonNode.Parse(match.Groups[1].Value)!.GetValue<string>()));

    [GeneratedRegex(
        """\A(?:\{\{ if and \.Messages \(ne \(index \.Messages 0\)\.Role "system"\) \}\}(?<first>\{\{ "[^"]*" \}\})\{\{ end """ +
        """\}\}|(?<always>)(?<first>\{\{ "[^"]*" \}\}))?\{\{ range \.Messages \}\}(?<body>.*)\{\{ end \}\}\{\{ end \}\}(?<prompt>(?:\{\{ "[^"]*" \}\})?)\z""",
        RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex(
        """\{\{ (?:else )?if eq \.Role "(?<role>[a-z]+)" \}\}(?<before>(?:\{\{ "[^"]*" \}\})?)\{\{ \.Content \}\}(?<behind>(?:\{\{ "[^"]*" \}\})?)""")]
    private static partial Regex Branch();

    [GeneratedRegex("""\{\{ ("[^"]*") \}\}""")]
    private static partial Regex Literal();
}
