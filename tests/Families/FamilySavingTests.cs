using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>A family's model is written back under the names and keys of its publishers, and is the same when it is loaded again.</summary>
public sealed class FamilySavingTests : IDisposable
{
    /// <summary>Keys that say nothing about what is computed, or that mean the same under another name.</summary>
    private static readonly string[] s_silent =
    [
        "initializer_range", "max_window_layers", "torch_dtype", "use_cache", "pretraining_tp", "is_llama_config", "pad_token_id", "rope_interleaved",
        "transformers.js_config", "no_rope_layer_interval",
        "cache_implementation", "sliding_window_pattern", "full_attn_mod", "interpolate_factor", "lm_head_bias", "layer_types", "mlp_bias",
    ];

    private static readonly string[] s_ofExperts = ["moe_intermediate_size", "norm_topk_prob", "num_experts", "num_experts_per_tok", "router_aux_loss_coef"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void SaveModel_Family_WritesItsNamesAndNumbersBack(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.SaveModel(_folder.Path, WeightPrecision.Float32, LayoutOf(family));

        using IWeightSource saved = WeightFile.Open(_folder.File("model.safetensors"));
        saved.Tensors.Keys.Should().BeEquivalentTo(family.Tensors.Select(tensor => tensor.Name));
        foreach ((string tensor, int[] shape) in family.Tensors)
        {
            saved.Tensors[tensor].Shape.Should().Equal(shape.Select(length => (long)length), tensor);
            using TorchSharp.torch.Tensor numbers = TorchSharp.torch.empty(saved.Tensors[tensor].Shape);
            saved.Tensors[tensor].CopyTo(numbers);
            numbers.data<float>().ToArray().Should().Equal(checkpoint.Numbers[tensor], tensor);
        }
        using PretrainedModel again = PretrainedModel.Load(_folder.Path);
        again.Config.ShouldSay(model.Config);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void SaveModel_Family_KeepsWhatItsConfigurationSays(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.SaveModel(_folder.Path, WeightPrecision.Float32, LayoutOf(family));

        JsonObject before = JsonNode.Parse(family.Config)!.AsObject(), after = JsonNode.Parse(File.ReadAllBytes(_folder.File("config.json")))!.AsObject();
        foreach ((string key, JsonNode? value) in before.Where(pair => !s_silent.Contains(pair.Key) && pair.Value is not null))
        {
            if (key is "rope_scaling")
                Same(value!.AsObject(), after[key]!.AsObject(), except: "type");
            else if ((family == FamilyCases.MiniMind2 && key == "aux_loss_alpha") || (family == FamilyCases.MiniMind3 && s_ofExperts.Contains(key)))
                continue; // of experts that a dense model has not
            else if (family == FamilyCases.Qwen2 && key == "sliding_window")
                after[key].Should().BeNull("a window that is not used is none");
            else
                Equal(after[key], value).Should().BeTrue($"'{key}' was {value?.ToJsonString()} and is {after[key]?.ToJsonString()}");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Save_CheckpointOfTraining_IsLoadedWithTheFamilysConfiguration(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.SaveCheckpoint(_folder.File("a.pth"), WeightPrecision.Float32);

        using PretrainedModel again = PretrainedModel.LoadCheckpoint(_folder.File("a.pth"), model.Config, checkpoint.Path);
        foreach (((_, TorchSharp.Modules.Parameter ours), (_, TorchSharp.Modules.Parameter theirs)) in again.Network.Network.named_parameters()
            .Zip(model.Network.Network.named_parameters()))
        {
            ours.equal(theirs).all().item<bool>().Should().BeTrue("projections may stand apart there");
        }
    }

    [Fact]
    public void SaveModel_NoLayout_IsTheTypeThatTransformersKnows()
    {
        foreach (FamilyCase family in FamilyCases.All)
        {
            string type = family == FamilyCases.MiniMind2 ? "llama" : family == FamilyCases.MiniMind3 ? "qwen3"
                : family == FamilyCases.MiniMind3Moe ? "qwen3_moe" : JsonNode.Parse(family.Config)!["model_type"]!.GetValue<string>();
            using FamilyCheckpoint checkpoint = new(family);
            using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

            model.SaveModel(_folder.Path);

            JsonNode.Parse(File.ReadAllBytes(_folder.File("config.json")))!["model_type"]!.GetValue<string>().Should().Be(type, family.Name);
            using PretrainedModel again = PretrainedModel.Load(_folder.Path);
            again.Config.ShouldSay(model.Config);
            Fingerprint.Named(again.Network.Network).Should().Be(Fingerprint.Named(model.Network.Network), family.Name);
        }
    }

    [Fact]
    public void SaveModel_MiniMindSavedByDefault_GoesBackToItsOwnLayout()
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.MiniMind2);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
        model.SaveModel(_folder.File("default"));
        using PretrainedModel again = PretrainedModel.Load(_folder.File("default"));

        again.SaveModel(_folder.File("own"), layout: ModelLayout.MiniMind);

        using PretrainedModel own = PretrainedModel.Load(_folder.File("own"));
        own.Config.ShouldSay(model.Config);
    }

    [Fact]
    public void SaveModel_FamilyInMiniMindsLayout_NamesTheParts()
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Qwen2);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        FluentActions.Invoking(() => model.SaveModel(_folder.Path, layout: ModelLayout.MiniMind)).Should().Throw<NotSupportedException>()
            .WithMessage("*QkvBias*HuggingFace layout*");
    }

    [Theory]
    [InlineData("qwen2", "{\"QkNorm\":false}", "*qwen2 have biases*")]
    [InlineData("qwen2", "{\"QkNorm\":false,\"QkvBias\":true,\"SlidingWindow\":8}", "*qwen2 have no SlidingWindow*")]
    [InlineData("mistral", "{\"QkNorm\":true}", "*mistral have no normalised queries and keys*")]
    [InlineData("gemma3_text", "{\"QkNorm\":true}", "*four norms a layer*")]
    [InlineData("phi3", "{\"QkNorm\":false,\"QkvBias\":true}", "*phi3 have no QkvBias*")]
    [InlineData("gpt2", "{}", "*of these parts is of type qwen3, and ModelType says 'gpt2'*")]
    [InlineData("qwen3", "{\"QkNorm\":false}", "*of these parts is of type llama, and ModelType says 'qwen3'*")]
    [InlineData(null, "{\"QkNorm\":false,\"QkvBias\":true,\"Activation\":1}", "*no Hugging Face model type has these parts together: QkvBias, Activation*")]
    public void Obstacle_PartsThatAFamilyHasNot_AreNamed(string? type, string parts, string message)
    {
        ModelConfig config = JsonSerializer.Deserialize<ModelConfig>(parts)! with { ModelType = type };
        using MemoryStream stream = new();

        FluentActions.Invoking(() => ConfigJsonWriter.Write(stream, config, ModelLayout.HuggingFace, WeightPrecision.Float32)).Should()
            .Throw<NotSupportedException>().WithMessage(message);
    }

    [Theory]
    [InlineData("smollm3", 128_004, true)]
    [InlineData("smollm3", 128_005, false)]
    [InlineData("phi3", 32_000, true)]
    [InlineData("qwen2", 1_100, false)]
    public void Write_PadTokenThatTransformersWouldTakeBeyondTheVocabulary_IsNone(string type, int vocabulary, bool written)
    {
        ModelConfig config = new() { ModelType = type, QkNorm = false, QkvBias = type == "qwen2", VocabularySize = vocabulary };
        using MemoryStream stream = new();

        ConfigJsonWriter.Write(stream, config, ModelLayout.HuggingFace, WeightPrecision.Float32);

        JsonDocument.Parse(stream.ToArray()).RootElement.TryGetProperty("pad_token_id", out JsonElement pad).Should().Be(written);
        pad.ValueKind.Should().Be(written ? JsonValueKind.Null : JsonValueKind.Undefined);
    }

    [Theory]
    [InlineData("Gemma 3", "32")]
    [InlineData("Gemma 3 large", "21")]
    public void Write_QueryScalarOfGemma_IsWholeAsTransformersWantsIt(string name, string written)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.SaveModel(_folder.Path);

        JsonDocument.Parse(File.ReadAllBytes(_folder.File("config.json"))).RootElement.GetProperty("query_pre_attn_scalar").GetRawText().Should().Be(written);
    }

    [Fact]
    public void Write_PartsWithoutAType_FindTheirFamily()
    {
        using MemoryStream stream = new();
        ConfigJsonWriter.Write(stream, new ModelConfig { QkNorm = false, QkvBias = true }, ModelLayout.HuggingFace, WeightPrecision.Float32);

        JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("model_type").GetString().Should().Be("qwen2");
    }

    [Fact]
    public void Sha256_FusedProjections_IsThatOfTheSavedFile()
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Phi3);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.SaveModel(_folder.Path);

        string file = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_folder.File("model.safetensors"))));
        WeightHash.Sha256(model.Network.Network).Should().Be(file);
    }

    private static ModelLayout LayoutOf(FamilyCase family) => family.Name.StartsWith("MiniMind", StringComparison.Ordinal) ? ModelLayout.MiniMind
        : ModelLayout.HuggingFace;

    private static void Same(JsonObject before, JsonObject after, string except)
    {
        foreach ((string key, JsonNode? value) in before.Where(pair => pair.Key != except))
            Equal(after[key], value).Should().BeTrue($"'{key}' was {value?.ToJsonString()} and is {after[key]?.ToJsonString()}");
    }

    private static bool Equal(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Equal(pair.First, pair.Second)),
        (JsonValue a, JsonValue b) when a.GetValueKind() == JsonValueKind.Number && b.GetValueKind() == JsonValueKind.Number =>
            a.GetValue<double>() == b.GetValue<double>(),
        _ => JsonNode.DeepEquals(left, right),
    };
}
