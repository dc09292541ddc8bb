using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Adapters;

/// <summary>Adapter files that Python's standard library wrote, and those that are written here.</summary>
public sealed class AdapterFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string s_peftGolden => TestFiles.Golden("adapter", "peft");

    private static string s_miniMindGolden => TestFiles.Golden("adapter", "lora_test_32.pth");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_PeftFolderByHand_AddsWhatItsNumbersSay()
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainedModel model = SmallModel.Create();
        using LoraAdapter adapter = LoraAdapter.Load(s_peftGolden);
        using PretrainedModel adapted = model.WithAdapter(adapter), merged = adapted.MergeAdapter();

        (adapter.BaseModelName, adapter.Rank, adapter.Alpha, adapter.Dora).Should().Be(("some/base", 4, 8.0, false));
        adapter.Modules.Should().HaveCount(6).And.Contain("model.layers.1.mlp.down_proj");
        foreach ((string name, StoredMatrix matrix) in merged.Network.Network.Matrices)
        {
            Tensor added = matrix.Weight - model.Network.Network.Matrices[name].Weight; // (output, input)
            string[] parts = name.Split('.');
            int seed = Array.IndexOf(["down_proj", "q_proj", "v_proj"], parts[^2]);
            if (seed < 0)
            {
                added.ne(0).any().item<bool>().Should().BeFalse(name);
                continue;
            }
            int layer = int.Parse(parts[2]), rank = (layer, parts[^2]) == (1, "q_proj") ? 2 : 4;
            double scale = (parts[^2] == "v_proj" ? 6.0 : 8.0) / rank;
            added.ShouldBeCloseTo(Product(seed + 10 * layer, rank, matrix.Weight.shape, scale), 1e-7, name);
        }
    }

    [Fact]
    public void Load_MiniMindFileByHand_AddsWhatItsNumbersSay()
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainedModel model = SmallModel.Create();
        using LoraAdapter adapter = LoraAdapter.LoadMiniMind(s_miniMindGolden);
        using PretrainedModel adapted = model.WithAdapter(adapter), merged = adapted.MergeAdapter();

        adapter.Modules.Should().HaveCount(4);
        for (int layer = 0; layer < 2; layer++)
        {
            foreach ((string name, int seed) in new[] { ("q_proj", 0), ("o_proj", 1) })
            {
                string full = $"model.layers.{layer}.self_attn.{name}.weight";
                Tensor added = merged.Network.Network.Matrices[full].Weight - model.Network.Network.Matrices[full].Weight;
                added.ShouldBeCloseTo(Product(seed + 10 * layer, 16, [32, 32], 1), 1e-7, full);
            }
        }
    }

    [Fact]
    public void Save_WhatWasLoaded_IsTheSameAdapterWithItsPatterns()
    {
        using LoraAdapter adapter = LoraAdapter.Load(s_peftGolden);

        adapter.Save(_folder.File("again"));
        using LoraAdapter again = LoraAdapter.Load(_folder.File("again"));

        WeightHash.Sha256(again.Values).Should().Be(WeightHash.Sha256(adapter.Values));
        JsonElement config = JsonDocument.Parse(File.ReadAllBytes(_folder.File("again/adapter_config.json"))).RootElement;
        config.GetProperty("r").GetInt32().Should().Be(4);
        config.GetProperty("lora_alpha").GetDouble().Should().Be(8);
        config.GetProperty("lora_dropout").GetDouble().Should().Be(0.05);
        config.GetProperty("rank_pattern").EnumerateObject().Select(p => (p.Name, p.Value.GetInt32())).Should().Equal(("model.layers.1.self_attn.q_proj", 2));
        config.GetProperty("alpha_pattern").EnumerateObject().Select(p => p.Name).Should()
            .Equal("model.layers.0.self_attn.v_proj", "model.layers.1.self_attn.v_proj");
        using SafetensorsReader tensors = SafetensorsReader.Open(_folder.File("again/adapter_model.safetensors"));
        tensors.Tensors.Keys.Should().HaveCount(12).And.Contain("base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight");
    }

    [Theory]
    [InlineData(false, "[\"k_proj\",\"q_proj\"]")]
    [InlineData(true, "[\"model.layers.1.self_attn.k_proj\",\"model.layers.1.self_attn.q_proj\"]")]
    public void Save_OfAModel_NamesTargetsAsShortAsTheyMeanItsLayersOnly(bool upper, string targets)
    {
        using PretrainedModel model = SmallModel.Create();
        LoraOptions options = new()
        {
            Rank = 2, Targets = LoraTargets.Named("q_proj", "k_proj"), Layers = upper ? [1] : null, RankStabilized = true,
            Dora = true
        };
        using PretrainedModel adapted = Adapted(model, options);

        adapted.SaveAdapter(_folder.Path);

        JsonElement config = JsonDocument.Parse(File.ReadAllBytes(_folder.File("adapter_config.json"))).RootElement;
        string[] written = [.. config.GetProperty("target_modules").EnumerateArray().Select(t => t.GetString()!).Order(StringComparer.Ordinal)];
        JsonSerializer.Serialize(written).Should().Be(targets);
        (config.GetProperty("use_rslora").GetBoolean(), config.GetProperty("use_dora").GetBoolean(), config.GetProperty("peft_type").GetString()).Should()
            .Be((true, true, "LORA"));
        using LoraAdapter loaded = LoraAdapter.Load(_folder.Path);
        WeightHash.Sha256(loaded.Values).Should().Be(WeightHash.Sha256(adapted.Network.Network.Adapter!));
    }

    [Fact]
    public void SaveMiniMind_Adapter_IsReadBackWithTheScaleInB()
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainedModel model = SmallModel.Create();
        using PretrainedModel adapted = Adapted(model, new LoraOptions { Rank = 16, Alpha = 32, Targets = LoraTargets.Named("q_proj", "o_proj") });

        adapted.SaveMiniMindAdapter(_folder.File("lora_x_32.pth"), WeightPrecision.Float32);
        using LoraAdapter loaded = LoraAdapter.LoadMiniMind(_folder.File("lora_x_32.pth"));

        LowRankPair before = adapted.Network.Network.Adapter!.Pairs["model.layers.1.self_attn.o_proj"],
            after = loaded.Values.Pairs["model.layers.1.self_attn.o_proj"];
        (before.Scale, after.Scale).Should().Be((2.0, 1.0));
        after.B.ShouldBeCloseTo(before.B.mul(2), 0);
        after.A.ShouldBeCloseTo(before.A, 0);
    }

    public static TheoryData<LoraOptions, string> NotMiniMinds => new()
    {
        { new LoraOptions { Rank = 8, Targets = LoraTargets.Named("q_proj", "o_proj") }, "*is of rank 8, and theirs are of rank 16*" },
        { new LoraOptions { Targets = LoraTargets.Named("q_proj") }, "*nothing for 'model.layers.0.self_attn.o_proj'*" },
        { new LoraOptions { Targets = LoraTargets.Named("q_proj", "o_proj", "v_proj") },
            "*adds to 'model.layers.0.self_attn.v_proj', and they only add to square linear layers (q_proj, o_proj)*" },
        { new LoraOptions { Targets = LoraTargets.Named("q_proj", "o_proj"), Dora = true }, "*magnitudes*" },
    };

    [Theory]
    [MemberData(nameof(NotMiniMinds))]
    public void SaveMiniMind_WhatItsScriptsCannotLoad_IsRefused(LoraOptions options, string message)
    {
        using PretrainedModel model = SmallModel.Create(), adapted = Adapted(model, options);

        FluentActions.Invoking(() => adapted.SaveMiniMindAdapter(_folder.File("x.pth"))).Should().Throw<NotSupportedException>().WithMessage(message);

        File.Exists(_folder.File("x.pth")).Should().BeFalse();
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "peft_type", "\"LOHA\"", "*'peft_type' is \"LOHA\"*LORA*" },
        { "bias", "\"all\"", "*'bias' is \"all\"*" },
        { "fan_in_fan_out", "true", "*'fan_in_fan_out' is true*" },
        { "modules_to_save", "[\"lm_head\"]", "*'modules_to_save' is [\"lm_head\"]; it must be null or left out: it is not implemented*" },
        { "task_type", "\"SEQ_CLS\"", "*'task_type' is \"SEQ_CLS\"*" },
        { "layer_replication", "[[0, 2]]", "*'layer_replication'*not implemented*" },
        { "trainable_token_indices", "[1, 2]", "*'trainable_token_indices'*not implemented*" },
        { "use_qalora", "true", "*'use_qalora'*not implemented*" },
        { "lora_bias", "true", "*'lora_bias'*not implemented*" },
        { "some_future_key", "3", "*'some_future_key' is 3*not implemented*" },
        { "init_lora_weights", "\"pissa_niter_4\"", "*'init_lora_weights'*changed when training began*" },
        { "exclude_modules", "[\"up_proj\"]", "*'exclude_modules'*not implemented*" },
        { "layers_pattern", "\"blocks\"", "*'layers_pattern'*" },
        { "layers_to_transform", "[0]", "*'model.layers.1.mlp.down_proj' is none of its target_modules in layers_to_transform*" },
        { "target_modules", "[\"q_proj\", \"v_proj\"]", "*'model.layers.0.mlp.down_proj' is none of its target_modules*" },
        { "target_modules", "\".*(q_proj|v_proj)\"", "*'model.layers.0.mlp.down_proj' is none of its target_modules*" },
        { "target_modules", "\"(a)\\\\1\"", "*'target_modules' has the pattern*not understood*" },
        { "target_modules", "\"(?=a)q_proj\"", "*'target_modules' has the pattern '(?=a)q_proj', which is not understood here*" },
        { "target_modules", "\"(a{1000}){1000}\"", "*'target_modules' has the pattern*counts repetitions in braces*" },
        { "target_modules", "\"" + new string('x', 1025) + "\"", "*'target_modules' has the pattern*1025 characters, and at most 1024 are read*" },
        { "target_modules", "[]", "*'target_modules'*" },
        { "r", "8", "*is of rank 4 and not 8*" },
        { "r", "0", "*'r' is 0*" },
        { "r", "null", "*'r' is null*" },
        { "lora_alpha", "null", "*'lora_alpha' is null*" },
        { "rank_pattern", "{}", "*'model.layers.1.self_attn.q_proj' is of rank 2 and not 4*" },
        { "rank_pattern", "{\"q_proj\": 2.5}", "*'rank_pattern.q_proj' is 2.5*" },
        { "use_dora", "true", "*use_dora is true, but 'model.layers.0.mlp.down_proj' has no lora_magnitude_vector*" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Load_ConfigWithWhatIsNotImplemented_IsRefusedByName(string key, string value, string message)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(s_peftGolden, PeftConfig.FileName)))!.AsObject();
        config[key] = JsonNode.Parse(value);
        File.Copy(Path.Combine(s_peftGolden, PeftFolder.TensorsName), _folder.File(PeftFolder.TensorsName));
        File.WriteAllText(_folder.File(PeftConfig.FileName), config.ToJsonString());

        FluentActions.Invoking(() => LoraAdapter.Load(_folder.Path)).Should().Throw<IOException>().WithMessage(message);
    }

    [Theory]
    [InlineData("all-linear")]
    [InlineData(@".*\.(self_attn|mlp)\.(q|v|down)_proj")]
    public void Load_TargetsAsText_AreUnderstood(string targets)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(s_peftGolden, PeftConfig.FileName)))!.AsObject();
        config["target_modules"] = targets;
        config["layers_to_transform"] = new JsonArray(0, 1);
        File.Copy(Path.Combine(s_peftGolden, PeftFolder.TensorsName), _folder.File(PeftFolder.TensorsName));
        File.WriteAllText(_folder.File(PeftConfig.FileName), config.ToJsonString());

        using LoraAdapter adapter = LoraAdapter.Load(_folder.Path);

        adapter.Modules.Should().HaveCount(6);
    }

    public static TheoryData<string, string> Tensors => new()
    {
        { "base_model.model.lm_head.lora_A.weight", "*'base_model.model.lm_head.lora_A.weight', the head*" },
        { "base_model.model.model.embed_tokens.lora_embedding_A", "*'base_model.model.model.embed_tokens.lora_embedding_A'*is none that is read here*" },
        { "model.layers.0.self_attn.q_proj.lora_A.weight", "*is none that is read here*'base_model.model.model.layers.0*" },
        { "base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight", "*'base_model.model.model.layers.0.self_attn.k_proj.lora_B.weight' is missing*" },
        { "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
            "*'base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector' is Float32 [2, 2] instead of [32]*" },
    };

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Load_TensorThatIsNoPart_IsRefusedByName(string name, string message)
    {
        using DisposeScope scope = NewDisposeScope();
        using LoraAdapter golden = LoraAdapter.Load(s_peftGolden);
        KeyValuePair<string, Tensor>[] tensors = [.. PeftFolder.Tensors(golden.Values), new(name, zeros(2, 2))];
        File.Copy(Path.Combine(s_peftGolden, PeftConfig.FileName), _folder.File(PeftConfig.FileName));
        using (FileStream file = File.Create(_folder.File(PeftFolder.TensorsName)))
            SafetensorsWriter.Write(file, tensors, WeightPrecision.Float32);

        FluentActions.Invoking(() => LoraAdapter.Load(_folder.Path)).Should().Throw<WeightFileException>().WithMessage(message);
    }

    [Fact]
    public void Parse_PatternsWithoutEnd_AreRefused()
    {
        string Config(string key, IEnumerable<string> patterns) =>
            $$"""{"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ["q_proj"], "{{key}}": { """ +
                $$"""{{string.Join(", ", patterns.Select(p => $"\"{p}\": 1"))}} } }""";
        void ShouldBeRefused(string text, string message) =>
            FluentActions.Invoking(() => PeftConfigReader.Parse(Encoding.UTF8.GetBytes(text), "x.json")).Should().Throw<ModelConfigException>()
                .WithMessage(message);

        ShouldBeRefused(Config("rank_pattern", Enumerable.Range(0, 10_001).Select(i => $"a{i}")), "*'rank_pattern'*at most 10000 patterns*");
        ShouldBeRefused(Config("alpha_pattern", Enumerable.Range(0, 65).Select(i => $"a{i}.*")),
            "*'alpha_pattern' has 65 patterns that are more than names; at most 64 are read*");
        PeftConfigReader.Parse(Encoding.UTF8.GetBytes(Config("rank_pattern", Enumerable.Range(0, 10_000).Select(i => $"a{i}"))), "x.json").RankOf("b.a7")
            .Should().Be(1);
    }

    [Fact]
    public void Load_NumbersThatAreNone_AreRefusedUnlessAllowed()
    {
        using LoraAdapter golden = LoraAdapter.Load(s_peftGolden);
        golden.Values.Pairs["model.layers.0.self_attn.q_proj"].B.fill_(float.NaN);
        golden.Save(_folder.Path);

        FluentActions.Invoking(() => LoraAdapter.Load(_folder.Path)).Should().Throw<WeightFileException>().WithMessage("*not finite*q_proj.lora_B.weight*");
        using LoraAdapter allowed = LoraAdapter.Load(_folder.Path, new ModelLoadOptions { AllowNonFiniteWeights = true });
        allowed.ParameterCount.Should().Be(golden.ParameterCount);
    }

    [Fact]
    public void Load_FolderWithoutAdapter_SaysWhatIsMissing()
    {
        FluentActions.Invoking(() => LoraAdapter.Load(_folder.File("none"))).Should().Throw<DirectoryNotFoundException>()
            .WithMessage("*adapter_config.json and adapter_model.safetensors*");
        FluentActions.Invoking(() => LoraAdapter.Load(_folder.Path)).Should().Throw<FileNotFoundException>().WithMessage("*no adapter_config.json*");
        File.Copy(Path.Combine(s_peftGolden, PeftConfig.FileName), _folder.File(PeftConfig.FileName));
        FluentActions.Invoking(() => LoraAdapter.Load(_folder.Path)).Should().Throw<FileNotFoundException>().WithMessage("*no adapter_model.safetensors*");
    }

    [Fact]
    public void WithAdapter_OfAnotherModel_SaysWhatDoesNotFit()
    {
        using PretrainedModel wide = SmallModel.Create(config: new ModelConfig
        {
            VocabularySize = 1024, HiddenSize = 64, LayerCount = 1, HeadCount = 4,
            KeyValueHeadCount = 2
        });
        using LoraAdapter adapter = LoraAdapter.Load(s_peftGolden);

        FluentActions.Invoking(() => wide.WithAdapter(adapter)).Should().Throw<ArgumentException>()
            .WithMessage("The adapter for 'some/base' does not fit the model: 'model.layers.0.mlp.down_proj' is 256 to 64 in the model, and 128 to 32 in " +
                "the adapter*no linear layer 'model.layers.1.*");
    }

    [Fact]
    public void Parse_DamagedText_IsRefusedInOneSentence()
    {
        foreach (string text in new[] { "", "[]", "{\"r\": 1, \"r\": 2}", "{", "{\"r\": NaN}" })
        {
            FluentActions.Invoking(() => PeftConfigReader.Parse(Encoding.UTF8.GetBytes(text), "x.json")).Should().Throw<ModelConfigException>()
                .WithMessage("x.json: *");
        }
    }

    private static PretrainedModel Adapted(PretrainedModel model, LoraOptions options) =>
        new(new SharedNetwork(Modeling.Adapters.AdaptedNetwork.Trained(model.Network.Network, options)), model.Tokenizer, model.ChatTemplate);

    /// <summary>Scale times B A by the formula of the script that made the files, in double.</summary>
    private static Tensor Product(int seed, int rank, long[] shape, double scale)
    {
        static double Value(int seed, long row, long column) => ((31 * row + 7 * column + seed) % 17 - 8) / 64.0;
        double[,] product = new double[shape[0], shape[1]];
        for (long row = 0; row < shape[0]; row++)
        {
            for (long column = 0; column < shape[1]; column++)
                product[row, column] = scale * Enumerable.Range(0, rank).Sum(k => Value(seed + 5, row, k) * Value(seed, k, column));
        }
        return tensor(product);
    }
}
