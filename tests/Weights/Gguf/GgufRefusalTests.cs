using System.Text;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>What a GGUF file cannot say is refused by name, and nothing is written.</summary>
public sealed class GgufRefusalTests : IDisposable
{
    private static readonly ModelConfig s_config = new() { VocabularySize = 1100, HiddenSize = 32, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1 };

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _tokenizer = new();

    public void Dispose()
    {
        _folder.Dispose();
        _tokenizer.Dispose();
    }

    public static TheoryData<string, ModelConfig> Configs => new()
    {
        { "*norm_topk_prob*", s_config with { Experts = new ExpertsConfig { Count = 2, PerToken = 1, IntermediateSize = 32, NormalizeTopK = false } } },
        { "*experts*without normalised queries and keys*",
            s_config with { QkNorm = false, Experts = new ExpertsConfig { Count = 2, PerToken = 1, IntermediateSize = 32 } } },
        { "*attention_factor is 1,*1.277259*", s_config with { RopeScaling = new YarnScaling() } },
        { "*beta_fast and beta_slow are 16 and 2*",
            s_config with { RopeScaling = new YarnScaling { BetaFast = 16, BetaSlow = 2, AttentionFactor = 1 + (0.1 * Math.Log(16)) } } },
        { "*max_position_embeddings is 1000*", s_config with { MaxPositions = 1000,
            RopeScaling = new YarnScaling { AttentionFactor = 1 + (0.1 * Math.Log(16)) } } },
        { "*norm_topk_prob*attention_factor*", s_config with { RopeScaling = new YarnScaling(),
            Experts = new ExpertsConfig { Count = 2, PerToken = 1, IntermediateSize = 32, NormalizeTopK = false } } },
        { "*4 end tokens (2, 3, 4, 5)*", s_config with { EosTokenId = 3, EosTokenIds = [3, 4, 5] } },
    };

    public static TheoryData<string, ModelConfig> Parts => new()
    {
        { "*qwen3 has no QkvBias*", s_config with { QkvBias = true } },
        { "*qwen2 has no Llama3Scaling*", s_config with { QkNorm = false, QkvBias = true, Llama3Scaling = new Llama3Scaling() } },
        { "*every 4th layer of smollm3*", s_config with { QkNorm = false, LayerCount = 5, UnrotatedLayers = [2] } },
        { "*llama has no GlobalLayers*no window for llama*", s_config with { QkNorm = false, SlidingWindow = 8, GlobalLayers = [0] } },
        { "*llama has no UnitOffsetNorms*", s_config with { QkNorm = false, UnitOffsetNorms = true } },
        { "*phi3 has no Activation*", s_config with { QkNorm = false, RotaryDim = 4, Activation = Activation.GeluTanh } },
        { "*gemma3 has scaled embeddings, four norms*", s_config with { SandwichNorms = true, SlidingWindow = 8 } },
        { "*every 6th layer of gemma3*", s_config with { SandwichNorms = true, SlidingWindow = 8, UnitOffsetNorms = true, ScaledEmbeddings = true, Activation =
            Activation.GeluTanh, GlobalLayers = [0] } },
    };

    [Theory]
    [MemberData(nameof(Configs))]
    [MemberData(nameof(Parts))]
    public void SaveGguf_ModelThatRuntimesComputeOtherwise_IsRefused(string message, ModelConfig config)
    {
        using PretrainedModel model = SmallModel.Create(config: config);

        ShouldRefuse(model, message);
    }

    [Theory]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\p{L}+|\\P{L}+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""", "*no pre-tokenizer*gpt-2, smollm*")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}""", "*no pre-tokenizer*")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""", "*no pre-tokenizer*")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""", "*add_prefix_space*")]
    [InlineData("ignore_merges", "true", "*no pre-tokenizer*ignore_merges*")]
    [InlineData("added_tokens", """{"id":1024,"content":"<a>","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":false}""",
        "*'<a>' has lstrip and rstrip*")]
    [InlineData("added_tokens", """{"id":1024,"content":"<a>","single_word":true,"lstrip":false,"rstrip":false,"normalized":false,"special":true}""",
        "*'<a>' has single_word*")]
    [InlineData("added_tokens", """{"id":1024,"content":"d|><|im_","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false}""",
        "*overlap*")]
    [InlineData("added_tokens", """{"id":1024,"content":"<|im_end|>\n","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false}""",
        "*overlap*")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|im_end|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<|im_end|>":{"id":"<|im_end|>","ids":[2],"tokens":["<|im_end|>"]}}}""", "*ids 2 go before every text*")]
    [InlineData("vocab", "", "*no token for the byte 0xC3*")]
    public void SaveGguf_TokenizerThatRuntimesHaveNot_IsRefused(string key, string value, string message)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(SmallModel.TokenizerFolder, "tokenizer.json")))!.AsObject();
        if (key == "added_tokens")
            json[key]!.AsArray().Add(JsonNode.Parse(value));
        else if (key == "ignore_merges")
            json["model"]![key] = JsonNode.Parse(value);
        else if (key == "vocab")
            RemoveFirstByteOfManyLetters(json["model"]!.AsObject());
        else
            json[key] = JsonNode.Parse(value);
        _tokenizer.Write("tokenizer.json", Encoding.UTF8.GetBytes(json.ToJsonString()));
        _tokenizer.Write("tokenizer_config.json", """{"bos_token":"<|im_start|>","eos_token":"<|im_end|>"}"""u8);
        using PretrainedModel model = PretrainedModel.CreateRandom(s_config, _tokenizer.Path, 1);

        ShouldRefuse(model, message);
    }

    [Theory]
    [InlineData(GgufType.F16, 70_000f)]
    [InlineData(GgufType.BF16, 3.4e38f)]
    [InlineData(GgufType.Q8_0, 1e7f)]
    [InlineData(GgufType.Q8_0, float.NaN)]
    public void SaveGguf_WeightBeyondTheType_IsRefused(GgufType type, float weight)
    {
        using PretrainedModel model = SmallModel.Create(config: s_config);
        using (TorchSharp.torch.no_grad())
        {
            using TorchSharp.torch.Tensor first = model.Network.Network.named_parameters()
                .Single(p => p.name == "model.layers.0.mlp.up_proj.weight").parameter.view(-1).narrow(0, 5, 1);
            using TorchSharp.torch.Tensor value = TorchSharp.torch.tensor(new[] { weight });
            first.copy_(value);
        }

        model.Invoking(m => m.SaveGguf(_folder.File("model.gguf"), type)).Should().Throw<InvalidOperationException>()
            .WithMessage("*'blk.0.ffn_up.weight'*F32*");

        Directory.GetFiles(_folder.Path).Should().BeEmpty();
        model.SaveGguf(_folder.File("model.gguf"), GgufType.F32);
    }

    [Fact]
    public void SaveGguf_UnknownType_IsRefused()
    {
        using PretrainedModel model = SmallModel.Create(config: s_config);

        model.Invoking(m => m.SaveGguf(_folder.File("model.gguf"), (GgufType)9)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void ModelConfig_EveryProperty_IsWrittenOrKnownToChangeNothing() =>
        typeof(ModelConfig).GetProperties().Select(property => property.Name).Should().BeEquivalentTo(
            [
                "VocabularySize", "HiddenSize", "LayerCount", "HeadCount", "KeyValueHeadCount", "HeadDim", "IntermediateSize", "MaxPositions",
                    "RmsNormEpsilon", "RopeTheta", "RopeScaling",
                "TieWordEmbeddings", "QkNorm", "Experts", "Dropout", "BosTokenId", "EosTokenId", "EosTokenIds",
                "ModelType", "QkvBias", "Llama3Scaling", "LongRopeScaling", "LinearRopeFactor", "RotaryDim", "UnrotatedLayers", "SlidingWindow", "GlobalLayers",
                "LocalRopeTheta", "Activation",
                "UnitOffsetNorms", "SandwichNorms", "ScaledEmbeddings", "QueryPreAttentionScalar",
            ],
            "a new part of the shape must be written by GgufArchitecture, or refused there");

    private void ShouldRefuse(PretrainedModel model, string message)
    {
        model.Invoking(m => m.SaveGguf(_folder.File("model.gguf"), GgufType.F32, new GgufOptions { WriteModelfile = true })).Should()
            .Throw<NotSupportedException>().WithMessage(message);
        Directory.GetFiles(_folder.Path).Should().BeEmpty();
    }

    private static void RemoveFirstByteOfManyLetters(JsonObject model)
    {
        const string FirstByte = "Ã";
        JsonObject vocabulary = model["vocab"]!.AsObject();
        foreach (JsonNode? merge in model["merges"]!.AsArray()
            .Where(merge => merge![0]!.GetValue<string>().Contains(FirstByte) || merge[1]!.GetValue<string>().Contains(FirstByte)).ToArray())
        {
            model["merges"]!.AsArray().Remove(merge);
        }

        vocabulary["ÃÃ"] = vocabulary[FirstByte]!.DeepClone();
        vocabulary.Remove(FirstByte);
    }
}
