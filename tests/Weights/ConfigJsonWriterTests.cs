using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class ConfigJsonWriterTests
{
    private static readonly ModelConfig s_dense = new()
    {
        HiddenSize = 64, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 32, LayerCount = 3,
        TieWordEmbeddings = false, RopeTheta = 5e5, EosTokenId = 7
    };
    private static readonly ModelConfig s_moe = s_dense with
    {
        Experts =
        new ExpertsConfig { Count = 8, PerToken = 2, IntermediateSize = 96, NormalizeTopK = false, AuxLossCoefficient = 0.01 }
    };
    private static readonly ModelConfig s_miniMind2 = MiniMind2ConfigReader.Defaults with
    {
        HiddenSize = 64,
        HeadCount = 4,
        IntermediateSize = 192,
        LayerCount = 3,
    };
    private static readonly YarnScaling s_longYarn = new() { Factor = 4, OriginalMaxPositions = 512, AttentionFactor = 1.25 };

    public static TheoryData<ModelConfig, ModelLayout, string> RoundTrips => new()
    {
        { s_dense, ModelLayout.MiniMind, "minimind" },
        { s_dense, ModelLayout.HuggingFace, "qwen3" },
        { s_moe, ModelLayout.MiniMind, "minimind" },
        { s_moe, ModelLayout.HuggingFace, "qwen3_moe" },
        { s_dense with { QkNorm = false }, ModelLayout.HuggingFace, "llama" },
        { s_dense with { RopeScaling = new YarnScaling() }, ModelLayout.MiniMind, "minimind" },
        { s_dense with { RopeScaling = s_longYarn }, ModelLayout.HuggingFace, "qwen3" },
        { s_dense with { Dropout = 0.1, BosTokenId = null }, ModelLayout.MiniMind, "minimind" },
        { s_dense with { EosTokenIds = [7, 0, 3] }, ModelLayout.MiniMind, "minimind" },
        { s_dense with { EosTokenIds = [7] }, ModelLayout.HuggingFace, "qwen3" },
        { s_dense with { EosTokenId = null }, ModelLayout.HuggingFace, "qwen3" },
        { s_dense with { RopeScaling = new YarnScaling() }, ModelLayout.HuggingFace, "qwen3" },
        { s_miniMind2, ModelLayout.HuggingFace, "llama" },
    };

    public static TheoryData<ModelConfig, ModelLayout> Defaults => new()
    {
        { s_dense, ModelLayout.HuggingFace },
        { s_moe, ModelLayout.HuggingFace },
        { s_dense with { QkNorm = false }, ModelLayout.HuggingFace },
        { s_dense with { QkNorm = false, QkvBias = true }, ModelLayout.HuggingFace },
        { s_dense with { RopeScaling = new YarnScaling() }, ModelLayout.HuggingFace },
        { s_miniMind2, ModelLayout.HuggingFace },
        { s_miniMind2 with { Experts = MiniMind2ConfigReader.DefaultExperts with { IntermediateSize = 192 } }, ModelLayout.MiniMind },
        { s_dense with { Dropout = 0.1 }, ModelLayout.MiniMind },
        { s_dense with { QkNorm = false, Dropout = 0.1 }, ModelLayout.HuggingFace }, // neither can: the message is of the usual one
    };

    public static TheoryData<ModelConfig> OfMiniMind => [s_dense, s_moe, s_dense with { RopeScaling = new YarnScaling() }, s_miniMind2];

    [Theory]
    [MemberData(nameof(Defaults))]
    public void DefaultLayout_Model_IsHuggingFacesWhereThatCanHoldIt(ModelConfig config, ModelLayout layout) =>
        ConfigJsonWriter.DefaultLayout(config).Should().Be(layout);

    [Theory]
    [MemberData(nameof(OfMiniMind))]
    public void Write_HuggingFaceLayout_SaysTheSameToMiniMindsClass(ModelConfig config)
    {
        JsonObject json = JsonNode.Parse(Write(config, ModelLayout.HuggingFace))!.AsObject();
        json.Remove("rope_scaling").Should().BeTrue("MiniMind's class makes its own of inference_rope_scaling");
        json["model_type"] = "minimind"; // which the class does not look at
        json["architectures"] = new JsonArray("MiniMindForCausalLM");
        if (!config.QkNorm)
            json[MiniMind2ConfigReader.Mark] = 4; // the class of MiniMind 2: it has this default, and is told here by it

        ConfigJson.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json").ShouldSay(config);
    }

    [Fact]
    public void Parse_ScaledMiniMind2_IsRefused()
    {
        JsonObject json = JsonNode.Parse(Write(s_miniMind2, ModelLayout.HuggingFace))!.AsObject();
        json["inference_rope_scaling"] = true;

        FluentActions.Invoking(() => ConfigJson.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json")).Should().Throw<ModelConfigException>()
            .WithMessage("*inference_rope_scaling*false*");
    }

    [Theory]
    [MemberData(nameof(RoundTrips))]
    public void Write_Config_ReadsBackEqual(ModelConfig config, ModelLayout layout, string type)
    {
        byte[] json = Write(config, layout);

        ConfigJson.Parse(json, "config.json").ShouldSay(config);
        JsonDocument.Parse(json).RootElement.GetProperty("model_type").GetString().Should().Be(type);
    }

    [Fact]
    public void Write_HuggingFaceLayout_HasTheKeysOfEveryReader()
    {
        JsonElement json = JsonDocument.Parse(Write(s_moe, ModelLayout.HuggingFace)).RootElement;

        json.GetProperty("architectures")[0].GetString().Should().Be("Qwen3MoeForCausalLM");
        json.GetProperty("torch_dtype").GetString().Should().Be("bfloat16");
        json.GetProperty("rope_theta").GetRawText().Should().Be("500000.0", "transformers 5 wants a float, which Python tells from an int by the point");
        json.GetProperty("rope_scaling").ValueKind.Should().Be(JsonValueKind.Null);
        json.GetProperty("decoder_sparse_step").GetInt32().Should().Be(1);
        json.GetProperty("mlp_only_layers").GetArrayLength().Should().Be(0);
        json.GetProperty("use_sliding_window").GetBoolean().Should().BeFalse();
    }

    public static TheoryData<ModelConfig, ModelLayout, string> Impossible => new()
    {
        { s_dense with { QkNorm = false }, ModelLayout.MiniMind, "*always has QK norm*" },
        { s_dense with { RopeScaling = s_longYarn }, ModelLayout.MiniMind, "*one YaRN scaling*" },
        { s_dense with { RopeScaling = s_longYarn with { OriginalMaxPositions = 500_000 } }, ModelLayout.HuggingFace, "*longer than the original*" },
        { s_dense with { RopeScaling = s_longYarn, RopeTheta = 10, MaxPositions = 4096 }, ModelLayout.HuggingFace, "*differ*" },
        { s_moe with { QkNorm = false }, ModelLayout.HuggingFace, "*experts without QK norm*" },
        { s_dense with { Dropout = 0.1 }, ModelLayout.HuggingFace, "*no dropout*0.1*" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Write_ConfigThatTheLayoutCannotHold_Throws(ModelConfig config, ModelLayout layout, string message) =>
        FluentActions.Invoking(() => Write(config, layout)).Should().Throw<NotSupportedException>().WithMessage(message);

    [Fact]
    public void WriteGeneration_Ids_AreThere()
    {
        using MemoryStream stream = new();
        ConfigJsonWriter.WriteGeneration(stream, s_dense);

        JsonElement json = JsonDocument.Parse(stream.ToArray()).RootElement;
        (json.GetProperty("bos_token_id").GetInt32(), json.GetProperty("eos_token_id").GetInt32()).Should().Be((1, 7));
    }

    private static byte[] Write(ModelConfig config, ModelLayout layout)
    {
        using MemoryStream stream = new();
        ConfigJsonWriter.Write(stream, config, layout, WeightPrecision.BFloat16);
        return stream.ToArray();
    }
}
