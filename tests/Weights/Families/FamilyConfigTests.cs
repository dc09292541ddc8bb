using System.Text;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Families;

/// <summary>Configurations as their publishers write them, and what of them is refused.</summary>
public class FamilyConfigTests
{
    private static readonly double[] s_ones = [.. Enumerable.Repeat(1.0, 48)];

    [Fact]
    public void Parse_Qwen25_IsItsShape() => Parse("""
        {"architectures":["Qwen2ForCausalLM"],"attention_dropout":0.0,"bos_token_id":151643,"eos_token_id":151645,"hidden_act":"silu","hidden_size":896,
        "initializer_range":0.02,
        "intermediate_size":4864,"max_position_embeddings":32768,"max_window_layers":21,"model_type":"qwen2","num_attention_heads":14,"num_hidden_layers":24,
        "num_key_value_heads":2,
        "rms_norm_eps":1e-06,"rope_theta":1000000.0,"sliding_window":32768,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,
        "use_sliding_window":false,"vocab_size":151936}
        """).ShouldSay(new ModelConfig
    {
        ModelType = "qwen2", VocabularySize = 151_936, HiddenSize = 896, LayerCount = 24, HeadCount = 14, KeyValueHeadCount = 2, HeadDim = 64,
        IntermediateSize = 4864, MaxPositions = 32_768,
        RopeTheta = 1e6, QkNorm = false, QkvBias = true, BosTokenId = 151_643, EosTokenId = 151_645,
    });

    [Fact]
    public void Parse_Llama32_IsItsShape() => Parse("""
        {"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":128000,"eos_token_id":[128001,128008,128009],
        "head_dim":64,"hidden_act":"silu",
        "hidden_size":2048,"initializer_range":0.02,"intermediate_size":8192,"max_position_embeddings":131072,"mlp_bias":false,"model_type":"llama",
        "num_attention_heads":32,"num_hidden_layers":16,
        "num_key_value_heads":8,"pretraining_tp":1,"rms_norm_eps":1e-05,"rope_scaling":{"factor":32.0,"high_freq_factor":4.0,"low_freq_factor":1.0,
        "original_max_position_embeddings":8192,
        "rope_type":"llama3"},"rope_theta":500000.0,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":128256}
        """).ShouldSay(new ModelConfig
    {
        VocabularySize = 128_256, HiddenSize = 2048, LayerCount = 16, HeadCount = 32, KeyValueHeadCount = 8, HeadDim = 64, IntermediateSize = 8192,
        MaxPositions = 131_072, RmsNormEpsilon = 1e-5,
        RopeTheta = 5e5, Llama3Scaling = new Llama3Scaling(), QkNorm = false, BosTokenId = 128_000, EosTokenId = 128_001, EosTokenIds =
        [128_001, 128_008, 128_009],
    });

    [Fact]
    public void Parse_Mistral_HasTheClassesWindowWhereNoneIsGiven()
    {
        Parse("""{"model_type":"mistral"}""").SlidingWindow.Should().Be(4096);
        Parse("""{"model_type":"mistral","sliding_window":null}""").SlidingWindow.Should().BeNull();
        Parse("""{"model_type":"mistral","hidden_size":5120,"head_dim":128,"num_key_value_heads":null}""").Should()
            .Match<ModelConfig>(config => config.HeadDim == 128 && config.KeyValueHeadCount == 32);
    }

    [Fact]
    public void Parse_SmolLm3_LeavesEveryFourthLayerWithoutRotation()
    {
        Parse("""{"model_type":"smollm3"}""").UnrotatedLayers.Should().Equal(3, 7, 11, 15, 19, 23, 27, 31, 35);
        Parse("""{"model_type":"smollm3","num_hidden_layers":6,"no_rope_layer_interval":2}""").UnrotatedLayers.Should().Equal(1, 3, 5);
        Parse("""{"model_type":"smollm3","num_hidden_layers":3,"no_rope_layers":[0,1,0,0]}""").UnrotatedLayers.Should()
            .Equal([0, 2], "the list may be longer than the layers");
        Parse("""{"model_type":"smollm3","num_hidden_layers":2,"no_rope_layers":[1,1]}""").UnrotatedLayers.Should().BeNull();
    }

    [Fact]
    public void Parse_Gemma3_SaysTheSameInBothVersionsOfTransformers()
    {
        ModelConfig four = Parse("""
            {"architectures":["Gemma3ForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"attn_logit_softcapping":null,"bos_token_id":2,
            "cache_implementation":"hybrid","eos_token_id":[1,106],
            "final_logit_softcapping":null,"head_dim":256,"hidden_activation":"gelu_pytorch_tanh","hidden_size":1152,"initializer_range":0.02,
            "intermediate_size":6912,"max_position_embeddings":32768,
            "model_type":"gemma3_text","num_attention_heads":4,"num_hidden_layers":7,"num_key_value_heads":1,"pad_token_id":0,"query_pre_attn_scalar":256,
            "rms_norm_eps":1e-06,
            "rope_local_base_freq":10000,"rope_scaling":null,"rope_theta":1000000,"sliding_window":512,"sliding_window_pattern":6,"torch_dtype":"bfloat16",
            "use_cache":true,"vocab_size":262144}
            """);
        ModelConfig five = Parse("""
            {"architectures":["Gemma3ForCausalLM"],"_sliding_window_pattern":6,"bos_token_id":2,"eos_token_id":[1,106],"head_dim":256,"hidden_size":1152,
            "intermediate_size":6912,
            "layer_types":["sliding_attention","sliding_attention","sliding_attention","sliding_attention","sliding_attention","full_attention",
            "sliding_attention"],"max_position_embeddings":32768,
            "model_type":"gemma3_text","num_attention_heads":4,"num_hidden_layers":7,"num_key_value_heads":1,"query_pre_attn_scalar":256,"rms_norm_eps":1e-06,
            "use_bidirectional_attention":false,
            "rope_parameters":{"full_attention":{"rope_theta":1000000,"rope_type":"default"},"sliding_attention":{"rope_theta":10000,"rope_type":"default"}},
            "sliding_window":512,"vocab_size":262144}
            """);

        five.ShouldSay(four);
        four.ShouldSay(new ModelConfig
        {
            ModelType = "gemma3_text", VocabularySize = 262_144, HiddenSize = 1152, LayerCount = 7, HeadCount = 4, KeyValueHeadCount = 1, HeadDim = 256,
            IntermediateSize = 6912, MaxPositions = 32_768,
            RopeTheta = 1e6, LocalRopeTheta = 1e4, SlidingWindow = 512, GlobalLayers = [5], Activation = Activation.GeluTanh, UnitOffsetNorms = true,
            SandwichNorms = true, ScaledEmbeddings = true,
            BosTokenId = 2, EosTokenId = 1, EosTokenIds = [1, 106],
        });
        Parse("""
            {"model_type":"gemma3_text",
            "rope_parameters":{"full_attention":{"rope_type":"linear","factor":8.0},"sliding_attention":{"rope_type":"default"}}}
            """).LinearRopeFactor.Should().Be(8);
    }

    [Fact]
    public void Parse_Phi3Mini128K_HasBothContexts()
    {
        string factors = string.Join(",", s_ones);
        ModelConfig config = Parse("""
            {"architectures":["Phi3ForCausalLM"],"attention_bias":false,"bos_token_id":1,"eos_token_id":32000,"hidden_act":"silu","hidden_size":3072,
            "intermediate_size":8192,"max_position_embeddings":131072,
            "model_type":"phi3","num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":32,"original_max_position_embeddings":4096,
            "rms_norm_eps":1e-05,
            "rope_scaling":{"long_factor":[ONES],"short_factor":[ONES],"type":"longrope"},"rope_theta":10000.0,"sliding_window":262144,
            "tie_word_embeddings":false,"vocab_size":32064}
            """.Replace("ONES", factors, StringComparison.Ordinal));

        config.MaxPositions.Should().Be(131_072);
        config.LongRopeScaling.Should().Be(new LongRopeScaling
        {
            ShortFactors = s_ones, LongFactors = s_ones, OriginalMaxPositions = 4096,
            AttentionFactor = Math.Sqrt(1 + Math.Log(32) / Math.Log(4096))
        });
        config.RotaryDim.Should().Be(0);
    }

    [Fact]
    public void Parse_Phi4Mini_RotatesThreeQuartersOfAHead()
    {
        const string six = "[1,1,1,1,1,1]";
        Parse("""
            {"model_type":"phi3","hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,"partial_rotary_factor":0.75,
            "rope_scaling":{"type":"su","short_factor":SIX,"long_factor":SIX}}
            """.Replace("SIX", six, StringComparison.Ordinal))
            .Should().Match<ModelConfig>(config => config.RotaryDim == 12 && config.KeyValueHeadCount == 2 && config.LongRopeScaling!.AttentionFactor == 1);
        Parse("""
            {"model_type":"phi3","hidden_size":64,"num_attention_heads":4,
            "rope_parameters":{"rope_type":"longrope","partial_rotary_factor":0.75,"rope_theta":20000.0,"original_max_position_embeddings":2048,
            "short_factor":SIX,"long_factor":SIX}}
            """.Replace("SIX", six, StringComparison.Ordinal))
            .Should().Match<ModelConfig>(config => config.RotaryDim == 12 && config.RopeTheta == 20000 && config.MaxPositions == 4096
            && config.LongRopeScaling!.OriginalMaxPositions == 2048);
    }

    [Fact]
    public void Parse_MiniMind2_IsKnownByItsExperts()
    {
        Parse("""{"model_type":"minimind","hidden_size":768,"num_hidden_layers":16,"n_routed_experts":4,"n_shared_experts":1,"use_moe":false}""")
            .ShouldSay(new ModelConfig
            {
                ModelType = "minimind", HiddenSize = 768, LayerCount = 16, HeadCount = 8, KeyValueHeadCount = 2, HeadDim = 96, IntermediateSize = 2048,
                RmsNormEpsilon = 1e-5, QkNorm = false,
            });
        Parse("""{"hidden_size":640,"n_routed_experts":4,"use_moe":true,"aux_loss_alpha":0.1}""").Experts.Should().Be(
            new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 1728, SharedCount = 1, BalancesSequences = true, AuxLossCoefficient = 0.1 });
        Parse("""{"n_routed_experts":4,"use_moe":true,"num_experts_per_tok":1}""").Experts!.NormalizeTopK.Should()
            .BeFalse("MiniMind 2 leaves the weight of a single expert as the router says");
        Parse("""{"n_routed_experts":0}""").QkNorm.Should().BeTrue("without experts of its own it is no file of MiniMind 2");
    }

    [Theory]
    [InlineData("qwen2", "use_sliding_window", "true")]
    [InlineData("qwen2", "mlp_bias", "true")]
    [InlineData("qwen2", "layer_types", "[\"sliding_attention\"]")]
    [InlineData("qwen2", "rope_scaling", "{\"rope_type\":\"dynamic\",\"factor\":4}", "rope_scaling.rope_type")]
    [InlineData("mistral", "hidden_act", "\"gelu\"")]
    [InlineData("mistral", "sliding_window", "0")]
    [InlineData("mistral", "layer_types", "[\"full_attention\"]")]
    [InlineData("smollm3", "no_rope_layers", "[1,0]")]
    [InlineData("smollm3", "no_rope_layers", "[2]")]
    [InlineData("smollm3", "attention_bias", "true")]
    [InlineData("gemma3_text", "final_logit_softcapping", "30.0")]
    [InlineData("gemma3_text", "attn_logit_softcapping", "50.0")]
    [InlineData("gemma3_text", "hidden_activation", "\"gelu\"")]
    [InlineData("gemma3_text", "use_bidirectional_attention", "true")]
    [InlineData("gemma3_text", "query_pre_attn_scalar", "0")]
    [InlineData("gemma3_text", "layer_types", "[\"full_attention\"]")]
    [InlineData("gemma3_text", "rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":4}", "rope_scaling.rope_type")]
    [InlineData("phi3", "resid_pdrop", "0.1")]
    [InlineData("phi3", "lm_head_bias", "true")]
    [InlineData("phi3", "partial_rotary_factor", "0.011")]
    [InlineData("phi3", "rope_scaling", "{\"type\":\"linear\",\"factor\":2}", "rope_scaling.type")]
    [InlineData("phi3", "architectures", "[\"Phi3VForCausalLM\"]")]
    [InlineData("minimind", "n_routed_experts", "4,\"inference_rope_scaling\":true", "inference_rope_scaling")]
    [InlineData("minimind", "n_routed_experts", "4,\"dropout\":0.1", "dropout")]
    [InlineData("minimind", "n_routed_experts", "4,\"use_moe\":true,\"scoring_func\":\"sigmoid\"", "scoring_func")]
    [InlineData("gemma3", "vision_config", "{}", "model_type")]
    [InlineData("phimoe", "x", "1", "model_type")]
    public void Parse_WhatIsNotComputed_NamesTheKey(string type, string key, string value, string? named = null)
    {
        string json = $$"""{"model_type":"{{type}}","{{key}}":{{value}}""" + "}";

        FluentActions.Invoking(() => Parse(json)).Should().Throw<ModelConfigException>().Which.Faults.Should().ContainSingle().Which.Should()
            .StartWith($"'{named ?? key}' is ");
    }

    [Fact]
    public void Parse_LongRopeFactors_MustBeOneForEachPair()
    {
        FluentActions.Invoking(() => Parse(
            """
            {"model_type":"phi3","hidden_size":64,"num_attention_heads":4,
            "rope_scaling":{"type":"longrope","short_factor":[1,1],"long_factor":[1,0,1,1,1,1,1,1]}}
            """))
            .Should().Throw<ModelConfigException>().Which.Faults.Should().HaveCount(2).And.OnlyContain(fault => fault.Contains("8 numbers above 0"));
    }

    /// <summary>Published numbers for a head of 64 and a base of 500,000.</summary>
    [Theory]
    [InlineData(14, 3.211445995e-3)]
    [InlineData(15, 1.290547928e-3)]
    [InlineData(16, 4.295567966e-4)]
    [InlineData(17, 9.708287803e-5)]
    [InlineData(18, 1.946163818e-5)]
    [InlineData(31, 9.418306725e-8)]
    public void ShareOf_Llama32Frequencies_GivesTheScaledOnes(int pair, double scaled)
    {
        double frequency = Math.Pow(5e5, -2.0 * pair / 64);

        (frequency * new Llama3Scaling().ShareOf(frequency)).Should().BeApproximately(scaled, scaled * 1e-9);
    }

    private static ModelConfig Parse(string json) => ConfigJson.Parse(Encoding.UTF8.GetBytes(json), "config.json");
}
