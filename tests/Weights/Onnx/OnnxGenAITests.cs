using System.Text.Json;
using Microsoft.ML.OnnxRuntimeGenAI;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Onnx;

/// <summary>Saved ONNX decoders with their tokenizers, as ONNX Runtime GenAI runs them.</summary>
public sealed class OnnxGenAITests : IDisposable
{
    private const int Greedy = 24;

    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = 1100, HiddenSize = 64, LayerCount = 3, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 32, IntermediateSize = 96, MaxPositions = 512,
        EosTokenId = 7, EosTokenIds = [7, 9],
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ModelConfig> Configs =>
    [
        s_config,
        s_config with { QkNorm = false, QkvBias = true, SlidingWindow = 6, TieWordEmbeddings = false },
        s_config with { Experts = new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 64 } },
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Configs))]
    public void SaveOnnx_WithConfigOfGenAI_AnswersThereAsHere(ModelConfig config)
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: config);
        Spread.Weights(model);
        int[] prompt = [1, 5, 90, 700, 33];
        Save(model);

        using Model there = new(_folder.Path);

        int[] ours = OurAnswer.Greedy(model, prompt, Greedy);
        int end = Array.FindIndex(ours, id => id is 2 or 7 or 9); // the tokenizer's end, and those of the configuration
        Answer(there, prompt).Should().Equal(ours.Take(end < 0 ? Greedy : end));
    }

    [Fact]
    public void SaveOnnx_BakeryModel_IsAChatInGenAI()
    {
        using PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);
        string prompt = "<|im_start|>user\nWhen do you open?<|im_end|>\n<|im_start|>assistant\n";
        Save(model);

        using Model there = new(_folder.Path);
        using Tokenizer tokenizer = new(there);

        tokenizer.ApplyChatTemplate("", """[{"role":"user","content":"When do you open?"}]""", "", true).Should().Be(prompt);
        using Sequences encoded = tokenizer.Encode(prompt);
        int[] ids = encoded[0].ToArray(), ours = OurAnswer.Greedy(model, ids, Greedy);
        ids.Should().Equal(model.Tokenizer.Encode(prompt));
        Answer(there, ids).Should().Equal(ours.TakeWhile(id => id != 2));
    }

    [Fact]
    public void SaveOnnx_Tokenizer_CutsTextInGenAIAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);
        Save(model);

        using Model there = new(_folder.Path);
        using Tokenizer tokenizer = new(there);

        string[] different = [.. MixedTexts.Make(1000, 6, "<|im_start|>", "<|im_end|>").Where(text =>
        {
            using Sequences ids = tokenizer.Encode(text);
            return !ids[0].SequenceEqual(model.Tokenizer.Encode(text));
        })];
        different.Should().BeEmpty();
    }

    [Fact]
    public void SaveOnnx_WithConfigOfGenAI_SaysHowTheModelIsSampled()
    {
        string source = Directory.CreateDirectory(_folder.File("source")).FullName;
        using (PretrainedModel made = SmallModel.Create(seed: 5, config: s_config))
            made.SaveModel(source);
        File.WriteAllText(Path.Combine(source, "generation_config.json"), """{"do_sample":true,"temperature":0.6,"top_k":20,"eos_token_id":[7,9,11]}""");
        using PretrainedModel model = PretrainedModel.Load(source);

        Save(model);

        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(_folder.File("genai_config.json"))).RootElement;
        json.GetProperty("model").GetProperty("eos_token_id").EnumerateArray().Select(id => id.GetInt32()).Should().Equal(2, 7, 9, 11);
        json.GetProperty("model").GetProperty("decoder").GetProperty("filename").GetString().Should().Be("decoder.onnx");
        JsonElement search = json.GetProperty("search");
        (search.GetProperty("do_sample").GetBoolean(), search.GetProperty("temperature").GetDouble(), search.GetProperty("top_k").GetInt32(),
            search.GetProperty("top_p").GetDouble(), search.GetProperty("max_length").GetInt32()).Should().Be((true, 0.6, 20, 1.0, 512));
    }

    private void Save(PretrainedModel model) => model.SaveOnnx(_folder.File("decoder.onnx"), options: new OnnxOptions { WriteGenAIConfig = true });

    private static int[] Answer(Model model, int[] prompt)
    {
        using GeneratorParams options = new(model);
        options.SetSearchOption("max_length", prompt.Length + Greedy);
        options.SetSearchOption("do_sample", false);
        using Generator generator = new(model, options);
        generator.AppendTokens(prompt);
        while (!generator.IsDone())
            generator.GenerateNextToken();
        return generator.GetSequence(0).ToArray()[prompt.Length..];
    }
}
