using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Normalization;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>The files as llama.cpp itself reads them.</summary>
public sealed class GgufRuntimeTests(ITestOutputHelper output) : IDisposable
{
    private const double LogitBound = 1e-2;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SaveGguf_BakeryModel_AnswersInLlamaCppAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);

        LlamaAnswer answer = CheckTypes(model, [.. Questions(model, "When do you open?", "Do you have rye bread?", "What does a baguette cost?", "Hello")],
            q8Bound: 0.5);

        answer.Ends.Should().BeEquivalentTo(model.AnswerEnds.Ids.Union([0]), "llama.cpp takes <|endoftext|> for an end by its name");
        answer.Metadata["general.architecture"].Should().Be("qwen3");
        answer.Metadata["tokenizer.chat_template"].Should().Be(model.ChatTemplate.Source);
    }

    [SkippableFact]
    public void SaveGguf_TrainedMiniMind_AnswersInLlamaCppAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(TestFiles.Shared("fetched", "minimind-256"));

        LlamaAnswer answer = CheckTypes(model, [.. Questions(model, "What is the capital of France?", "Why is the sky blue?", "你好")], q8Bound: 0.6);

        answer.Ends.Should().BeEquivalentTo(model.AnswerEnds.Ids.Union([0]));
    }

    [SkippableFact]
    public void SaveGguf_TrainedLlama_AnswersInLlamaCppAsHere()
    {
        string weights = TestFiles.Shared("fetched", "stories260K", "model.safetensors");
        using PretrainedModel model = PretrainedModel.LoadCheckpoint(weights, null, CutTokenizer(512));

        LlamaAnswer answer = CheckTypes(model, [[1, 403, 407, 261, 378], [1, 410], [1, 320, 417, 340]], q8Bound: 0.8);

        answer.Metadata["general.architecture"].Should().Be("llama");
    }

    [Theory]
    [InlineData(true, 0, true)]
    [InlineData(false, 0, false)]
    [InlineData(true, 1, true)]
    [InlineData(true, 3, false)]
    public void SaveGguf_RandomModel_AnswersInLlamaCppAsHere(bool qkNorm, int expertsPerToken, bool tied)
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: new ModelConfig
        {
            VocabularySize = 1100, HiddenSize = 64, LayerCount = 3, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 32, IntermediateSize = 96,
            MaxPositions = 512, RmsNormEpsilon = 1e-5,
            RopeTheta = 5e4, QkNorm = qkNorm, TieWordEmbeddings = tied,
            Experts = expertsPerToken == 0 ? null : new ExpertsConfig { Count = 4, PerToken = expertsPerToken, IntermediateSize = 64 },
        });
        Spread.Weights(model);

        CheckTypes(model, [[1, 5, 9, 700, 33], [.. Enumerable.Range(200, 60)]], q8Bound: 1);
    }

    [Fact]
    public void SaveGguf_YarnOfThePaper_AnswersInLlamaCppAsHere()
    {
        YarnScaling yarn = new() { Factor = 4, OriginalMaxPositions = 64, AttentionFactor = 1 + (0.1 * Math.Log(4)) };
        using PretrainedModel model = SmallModel.Create(seed: 5, config: new ModelConfig
        {
            VocabularySize = 1024, HiddenSize = 64, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 256, RopeTheta = 1e4,
            RopeScaling = yarn,
        });
        Spread.Weights(model);

        CheckTypes(model, [[.. Enumerable.Range(200, 150)]], q8Bound: 1);
    }

    [Fact]
    public void SaveGguf_BakeryTokenizer_CutsTextInLlamaCppAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);

        CheckTexts(model, MixedTexts.Make(1000, 1, "<|im_start|>", "<|im_end|>", "<|endoftext|>")).Should().Be("gpt-2");
    }

    [SkippableFact]
    public void SaveGguf_MiniMindTokenizer_CutsTextInLlamaCppAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(TestFiles.Shared("fetched", "minimind-256"));

        CheckTexts(model, MixedTexts.Make(1000, 2, "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "<|buffer9|>")).Should().Be("gpt-2");
    }

    [SkippableFact]
    public void SaveGguf_MiniMindTokenizer_CutsRealConversationsInLlamaCppAsHere()
    {
        string rows = TestFiles.Shared("fetched", "preferences", "dpo_en_zh_584.jsonl");
        using PretrainedModel model = PretrainedModel.Load(TestFiles.Shared("fetched", "minimind-256"));
        string[] texts = [.. File.ReadLines(rows).SelectMany(line => JsonNode.Parse(line)!["chosen"]!.AsArray())
            .Select(message => message!["content"]!.GetValue<string>())];

        CheckTexts(model, texts);

        texts.Length.Should().BeGreaterThan(1000);
    }

    [Theory]
    [InlineData("gpt-2", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"GPT2"},"behavior":"Removed","invert":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""", false)]
    [InlineData("smollm", """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}""", false)]
    [InlineData("qwen2", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"QWEN2"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""", false)]
    [InlineData("llama-bpe", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"LLAMA3"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""", true)]
    [InlineData("smaug-bpe", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"LLAMA3"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""", false)]
    public void SaveGguf_SplitOfAnotherFamily_CutsTextInLlamaCppAsHere(string name, string preTokenizer, bool ignoresMerges)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(SmallModel.TokenizerFolder, "tokenizer.json")))!.AsObject();
        JsonNode split = JsonNode.Parse(preTokenizer)!;
        if (split["pretokenizers"]![0]!["pattern"] is JsonObject pattern)
        {
            pattern["Regex"] = pattern["Regex"]!.GetValue<string>() switch
            {
                "GPT2" => KnownSplitPatterns.Gpt2,
                "QWEN2" => KnownSplitPatterns.Qwen2,
                _ => KnownSplitPatterns.Llama3
            };
        }

        json["pre_tokenizer"] = split;
        json["model"]!["ignore_merges"] = ignoresMerges;
        if (name == "qwen2")
            json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        if (ignoresMerges)
            json["model"]!["merges"]!.AsArray().RemoveRange(400, 100); // words that are tokens, but that no merges make
        json["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|im_start|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<|im_start|>":{"id":"<|im_start|>","ids":[1],"tokens":["<|im_start|>"]}}}""");
        _folder.Write("tokenizer.json", System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
        _folder.Write("tokenizer_config.json", """{"bos_token":"<|im_start|>","eos_token":"<|im_end|>"}"""u8);
        using PretrainedModel model = PretrainedModel.CreateRandom(
            new ModelConfig { VocabularySize = 1024, HiddenSize = 32, LayerCount = 1, HeadCount = 1, KeyValueHeadCount = 1 }, _folder.Path, 1);

        string[] texts = MixedTexts.Make(1000, 3, "<|im_end|>");
        if (name == "qwen2")
            texts = [.. texts.Select(text => UnicodeNormalization.Compose(text, []))]; // llama.cpp composes nothing itself
        CheckTexts(model, texts).Should().Be(name);
    }

    [Fact]
    public void SaveGguf_AddedTokensOfManyKinds_CutsTextInLlamaCppAsHere()
    {
        string[] added = ["<think>", "  ", "   ", "<|user|>", "<|user|>\n", "ing", "你好"];
        JsonObject json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(SmallModel.TokenizerFolder, "tokenizer.json")))!.AsObject();
        JsonObject vocabulary = json["model"]!["vocab"]!.AsObject();
        vocabulary["\u0143\u0143"] = vocabulary["þ"]!.DeepClone(); // 0xFE, which is in no text
        vocabulary.Remove("þ");
        int next = vocabulary.Count;
        foreach (string content in added)
        {
            json["added_tokens"]!.AsArray().Add(new JsonObject
            {
                ["id"] = vocabulary.TryGetPropertyValue(content, out JsonNode? known) ? known!.GetValue<int>() : next++, ["content"] = content,
                ["single_word"] = false, ["lstrip"] = false,
                ["rstrip"] = false, ["normalized"] = content is "ing" or "你好", ["special"] = content == "<|user|>",
            });
        }
        _folder.Write("tokenizer.json", System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
        _folder.Write("tokenizer_config.json", """{"bos_token":"<|im_start|>","eos_token":"<|im_end|>","add_bos_token":true,"add_eos_token":true}"""u8);
        using PretrainedModel model = PretrainedModel.CreateRandom(
            new ModelConfig
            {
                VocabularySize = 1100, HiddenSize = 32, LayerCount = 1, HeadCount = 1, KeyValueHeadCount = 1, EosTokenId = 300,
                EosTokenIds = [300, 400]
            }, _folder.Path, 1);

        CheckTexts(model, MixedTexts.Make(1000, 4, [.. added, "<|user|>\n\n", "quick", "thing", "\u00ad"]));

        LlamaAnswer answer = LlamaRuntime.Ask(new LlamaQuestion(_folder.File("texts.gguf")))[0];
        int user = model.Tokenizer.Encode("<|user|>", addSpecialTokens: false).Single(),
            think = model.Tokenizer.Encode("<think>", addSpecialTokens: false).Single();
        answer.Ends.Should().BeEquivalentTo([0, 2, 300, 400], "llama.cpp takes <|endoftext|> for an end by its name");
        answer.Controls.Should().Contain([0, 1, 2, user]).And.NotContain(think);
    }

    /// <summary>Saves in every type, and compares logits and, in single precision, greedy answers; gives what was said of the last.</summary>
    private LlamaAnswer CheckTypes(PretrainedModel model, int[][] prompts, double q8Bound)
    {
        const int Greedy = 32;
        (GgufType Type, double Bound)[] types = [(GgufType.F32, LogitBound), (GgufType.F16, 5e-2), (GgufType.BF16, 3e-1), (GgufType.Q8_0, q8Bound)];
        foreach ((GgufType type, _) in types)
            model.SaveGguf(_folder.File($"{type}.gguf"), type);
        float[][] logits = [.. prompts.Select(prompt => OurAnswer.Logits(model, prompt))];

        LlamaAnswer[] answers = LlamaRuntime.Ask(
            [.. types
            .Select(one => new LlamaQuestion(_folder.File($"{one.Type}.gguf")) { Prompts = prompts, Greedy = one.Type == GgufType.F32 ? Greedy : 0,
            Logits = true })]);

        foreach (((GgufType type, double bound), LlamaAnswer answer) in types.Zip(answers))
        {
            answer.Failure.Should().BeNull();
            double[] differences = [.. answer.Differences(logits, model.Config.VocabularySize).Order()];
            output.WriteLine(
                $"{type}: {new FileInfo(_folder.File($"{type}.gguf")).Length} bytes, logits within {differences[^1]:E2} of magnitudes up to " +
                $"{logits.Max(row => row.Max(Math.Abs)):F1}");
            // where two experts are as likely, rounding chooses the other one, and that position's logits are others
            double counted = type == GgufType.F32 || model.Config.Experts is null ? differences[^1] : differences[differences.Length / 2];
            counted.Should().BeLessThan(bound, type.ToString());
        }
        for (int i = 0; i < prompts.Length; i++)
            answers[0].Continuations[i].Should().Equal(OurAnswer.Greedy(model, prompts[i], Greedy));
        return answers[0];
    }

    /// <summary>Compares ids; gives the name of the pre-tokenizer.</summary>
    private string CheckTexts(PretrainedModel model, string[] texts)
    {
        string path = _folder.File("texts.gguf");
        model.SaveGguf(path, GgufType.F16);

        LlamaAnswer answer = LlamaRuntime.Ask(new LlamaQuestion(path) { Texts = texts })[0];

        answer.Failure.Should().BeNull();
        string[] different = [.. texts.Where((text, i) => !answer.Ids[i].AsSpan().SequenceEqual(model.Tokenizer.Encode(text)))];
        different.Should().BeEmpty($"{texts.Length} texts have the same ids");
        for (int i = 0; i < texts.Length; i++)
            answer.Decoded[i].Should().Be(model.Tokenizer.Decode(answer.Ids[i]));
        return answer.Metadata["tokenizer.ggml.pre"];
    }

    private static IEnumerable<int[]> Questions(PretrainedModel model, params string[] questions) => questions.Select(question => model.Tokenizer.Encode(
        model.ChatTemplate.Render(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }).ToJsonString(),
            new ChatTemplateOptions { AddGenerationPrompt = true }), addSpecialTokens: false));

    /// <summary>A folder with the tokenizer's first tokens only.</summary>
    private string CutTokenizer(int size)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(SmallModel.TokenizerFolder, "tokenizer.json")))!.AsObject();
        JsonObject vocabulary = json["model"]!["vocab"]!.AsObject();
        foreach (string token in vocabulary.Where(pair => pair.Value!.GetValue<int>() >= size).Select(pair => pair.Key).ToArray())
            vocabulary.Remove(token);
        JsonArray merges = json["model"]!["merges"]!.AsArray();
        foreach (JsonNode? merge in merges.Where(merge => !vocabulary.ContainsKey(merge![0]!.GetValue<string>() + merge[1]!.GetValue<string>())).ToArray())
            merges.Remove(merge);
        _folder.Write("tokenizer.json", System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
        File.Copy(Path.Combine(SmallModel.TokenizerFolder, "tokenizer_config.json"), _folder.File("tokenizer_config.json"));
        return _folder.Path;
    }
}
