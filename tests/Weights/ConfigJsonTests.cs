using System.Text;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class ConfigJsonTests
{
    private static readonly ModelConfig s_tiny = new()
    {
        VocabularySize = 512, HiddenSize = 64, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2,
        HeadDim = 16, IntermediateSize = 128, MaxPositions = 2048
    };

    [Theory]
    [InlineData("config.json")]
    [InlineData("minimind_config.json")]
    public void Read_DenseGolden_IsItsShape(string file) =>
        ConfigJson.Read(TestFiles.Golden("model-dense", "tiny", file)).ShouldSay(s_tiny with { VocabularySize = 6400, IntermediateSize = 256 });

    [Theory]
    [InlineData("config.json")]
    [InlineData("minimind_config.json")]
    public void Read_YarnGolden_HasTheScaling(string file) =>
        ConfigJson.Read(TestFiles.Golden("model-dense", "yarn", file))
            .ShouldSay(s_tiny with { HeadDim = 32, IntermediateSize = 256, MaxPositions = 32_768, RopeScaling = new YarnScaling() });

    [Theory]
    [InlineData("top1", 1, 5e-4)]
    [InlineData("top2", 2, 5e-4)]
    public void Read_ExpertsGolden_HasTheExperts(string folder, int perToken, double coefficient)
    {
        ExpertsConfig experts = new() { Count = 4, PerToken = perToken, IntermediateSize = 128, AuxLossCoefficient = coefficient };

        ConfigJson.Read(TestFiles.Golden("model-moe", folder, "config.json")).ShouldSay(s_tiny with { Experts = experts });
        ConfigJson.Read(TestFiles.Golden("model-moe", folder, "minimind_config.json")).ShouldSay(s_tiny with { Experts = experts });
    }

    [Fact]
    public void Parse_Nothing_IsMiniMindsDefault()
    {
        ModelConfig config = Parse("{}");

        config.ShouldSay(new ModelConfig());
        config.IntermediateSize.Should().Be(2432, "ceil(768 * pi / 64) * 64, as MiniMind computes it");
        config.HeadDim.Should().Be(96);
    }

    [Fact]
    public void Parse_ExpertsWithoutWidth_TakeTheDenseWidth() =>
        Parse("""{"use_moe":true,"hidden_size":512}""").Experts.Should().Be(new ExpertsConfig { IntermediateSize = 1664 });

    [Fact]
    public void Parse_NullKeyValueHeads_AreAsManyAsHeads() => Parse("""{"num_key_value_heads":null}""").KeyValueHeadCount.Should().Be(8);

    [SkippableFact]
    public void Read_Stories260K_IsLlamaWithoutQkNorm()
    {
        ModelConfig config = ConfigJson.Read(TestFiles.Shared("fetched", "stories260K", "config.json"));

        config.ShouldSay(new ModelConfig
        {
            VocabularySize = 512, HiddenSize = 64, LayerCount = 5, HeadCount = 8, KeyValueHeadCount = 4, HeadDim = 8, IntermediateSize = 172,
            MaxPositions = 512, RmsNormEpsilon = 1e-5, RopeTheta = 10_000, QkNorm = false,
        });
    }

    // The published configuration of Qwen3-0.6B, and as transformers 5 writes it again.
    [Theory]
    [InlineData("""
        {"architectures":["Qwen3ForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":151643,"eos_token_id":151645,"head_dim":128,"hidden_act":"silu",
        "hidden_size":1024,"initializer_range":0.02,"intermediate_size":3072,"max_position_embeddings":40960,"max_window_layers":28,"model_type":"qwen3",
        "num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":1000000,"sliding_window":null,
        "tie_word_embeddings":true,"torch_dtype":"bfloat16","transformers_version":"4.51.0","use_cache":true,"use_sliding_window":false,"vocab_size":151936}
        """)]
    [InlineData("""
        {"architectures":["Qwen3ForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":151643,"dtype":"bfloat16","eos_token_id":[151645,151643],"head_dim":128,
        "hidden_act":"silu","hidden_size":1024,"intermediate_size":3072,"layer_types":["full_attention","full_attention"],"max_position_embeddings":40960,"model_type":"qwen3",
        "num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"rms_norm_eps":1e-06,"rope_parameters":{"rope_theta":1000000,"rope_type":"default"},
        "sliding_window":null,"tie_word_embeddings":true,"transformers_version":"5.0.0","use_sliding_window":false,"vocab_size":151936}
        """)]
    public void Parse_Qwen3_IsItsShape(string json) => Parse(json).ShouldSay(new ModelConfig
    {
        VocabularySize = 151_936, HiddenSize = 1024, LayerCount = 28, HeadCount = 16, KeyValueHeadCount = 8, HeadDim = 128, IntermediateSize = 3072,
        MaxPositions = 40_960,
        RopeTheta = 1e6, BosTokenId = 151_643, EosTokenId = 151_645,
        EosTokenIds = json.Contains("[151645,151643]", StringComparison.Ordinal) ? [151_645, 151_643] : null,
    });

    [Theory]
    [InlineData("num_experts")]
    [InlineData("num_local_experts")]
    public void Parse_Qwen3Moe_IsItsShape(string key)
    {
        ModelConfig config = Parse("""{"model_type":"qwen3_moe","KEY":16,"num_experts_per_tok":2,"mlp_only_layers":[],"decoder_sparse_step":1,"norm_topk_prob":true,"head_dim":128}""".Replace("KEY", key, StringComparison.Ordinal));

        config.Experts.Should().Be(new ExpertsConfig { Count = 16, PerToken = 2, IntermediateSize = 768, AuxLossCoefficient = 0.001 });
        (config.HiddenSize, config.RopeTheta, config.TieWordEmbeddings).Should().Be((2048, 10_000d, false), "these are the defaults of Qwen3MoeConfig");
    }

    [Theory]
    [InlineData("qwen3", "attention_bias", "true")]
    [InlineData("qwen3", "use_sliding_window", "true")]
    [InlineData("qwen3", "layer_types", "[\"full_attention\",\"sliding_attention\"]")]
    [InlineData("qwen3", "hidden_act", "\"gelu\"")]
    [InlineData("qwen3", "attention_dropout", "0.1")]
    [InlineData("qwen3", "partial_rotary_factor", "0.5")]
    [InlineData("qwen3", "quantization_config", "{\"bits\":4}")]
    [InlineData("llama", "mlp_bias", "true")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,\"high_freq_factor\":4}",
        "rope_scaling.original_max_position_embeddings")]
    [InlineData("llama", "rope_scaling",
        "{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":4,\"high_freq_factor\":4,\"original_max_position_embeddings\":8192}",
            "rope_scaling.high_freq_factor")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"longrope\",\"factor\":8}", "rope_scaling.rope_type")]
    [InlineData("llama", "rope_scaling", "{\"type\":\"linear\",\"factor\":8}", "rope_scaling.type")]
    [InlineData("llama", "rope_parameters", "{\"rope_type\":\"dynamic\",\"factor\":8}", "rope_parameters.rope_type")]
    [InlineData("llama", "rope_parameters", "{\"rope_type\":\"default\",\"partial_rotary_factor\":0.5}", "rope_parameters.partial_rotary_factor")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":4096}")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":4}", "rope_scaling.original_max_position_embeddings")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":512,\"mscale\":1}", "rope_scaling.mscale")]
    [InlineData("qwen3_moe", "decoder_sparse_step", "2")]
    [InlineData("qwen3_moe", "mlp_only_layers", "[0]")]
    [InlineData("llama", "architectures", "[\"LlamaForSequenceClassification\"]")]
    public void Parse_OtherArchitecture_NamesTheKey(string type, string key, string value, string? named = null)
    {
        string json = $$"""{"model_type":"{{type}}","{{key}}":{{value}}""" + "}";

        FluentActions.Invoking(() => Parse(json)).Should().Throw<ModelConfigException>().Which.Faults.Should().ContainSingle().Which.Should()
            .StartWith($"'{named ?? key}' is ");
    }

    [Fact]
    public void Parse_Qwen3WithYarn_HasTransformersAttentionFactor()
    {
        ModelConfig config = Parse("""{"model_type":"qwen3","rope_theta":1000000,"max_position_embeddings":131072,"rope_scaling":{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":32768}}""");

        config.RopeScaling.Should().Be(new YarnScaling { Factor = 4, OriginalMaxPositions = 32_768, AttentionFactor = (0.1 * Math.Log(4)) + 1 });
    }

    [Fact]
    public void Parse_TwoThetas_MustAgree()
    {
        FluentActions.Invoking(() => Parse("""{"model_type":"llama","rope_theta":10000,"rope_parameters":{"rope_type":"default","rope_theta":500000}}"""))
            .Should().Throw<ModelConfigException>().WithMessage("*'rope_theta' is 10000; it must be the 500000*");
    }

    private static ModelConfig Parse(string json) => ConfigJson.Parse(Encoding.UTF8.GetBytes(json), "config.json");
}
