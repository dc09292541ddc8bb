using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights.Gguf;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

public sealed class GgufWriterTests : IDisposable
{
    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = 1030, HiddenSize = 64, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 16, IntermediateSize = 80, MaxPositions = 300,
        RmsNormEpsilon = 1e-5, RopeTheta = 12345,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgufType.F32, 0u, 0)]
    [InlineData(GgufType.F16, 1u, 1)]
    [InlineData(GgufType.BF16, 30u, 32)]
    [InlineData(GgufType.Q8_0, 8u, 7)]
    public void SaveGguf_DenseModel_HasEveryNumberOfTheModel(GgufType type, uint tensorType, int fileType)
    {
        using PretrainedModel model = SmallModel.Create(seed: 3, config: s_config);

        GgufFile file = Save(model, type);

        Dictionary<string, Tensor> parameters = Parameters(model);
        file.Keys["general.file_type"].Should().Be((uint)fileType);
        file.Tensors.Should().HaveCount(parameters.Count, "a tied head is not written twice");
        foreach ((string theirs, string ours) in Names(s_config))
        {
            Tensor parameter = parameters[ours];
            (long[] sizes, uint written, _) = file.Tensors[theirs];
            sizes.Should().Equal(parameter.shape.AsEnumerable().Reverse(), theirs);
            uint expected = parameter.dim() == 1 ? 0 : type == GgufType.Q8_0 && sizes[0] % 32 != 0 ? 1 : tensorType;
            written.Should().Be(expected, theirs);
            ShouldHold(file, theirs, written, parameter.data<float>().ToArray());
        }
        if (type == GgufType.Q8_0)
            file.Tensors["blk.0.ffn_down.weight"].Type.Should().Be(1, "rows of 80 are no whole blocks");
    }

    [Fact]
    public void SaveGguf_DenseModel_SaysItsShapeAndTokenizer()
    {
        using PretrainedModel model = SmallModel.Create(seed: 3, config: s_config);

        Dictionary<string, object> keys = Save(model, GgufType.F16).Keys;

        keys.First().Should().Be(new KeyValuePair<string, object>("general.architecture", "qwen3"));
        foreach ((string key, object value) in new Dictionary<string, object>
        {
            ["qwen3.block_count"] = 2u, ["qwen3.context_length"] = 300u, ["qwen3.embedding_length"] = 64u, ["qwen3.feed_forward_length"] = 80u,
            ["qwen3.attention.head_count"] = 4u,
            ["qwen3.attention.head_count_kv"] = 2u, ["qwen3.attention.key_length"] = 16u, ["qwen3.attention.value_length"] = 16u,
            ["qwen3.attention.layer_norm_rms_epsilon"] = 1e-5f,
            ["qwen3.rope.freq_base"] = 12345f, ["tokenizer.ggml.model"] = "gpt2", ["tokenizer.ggml.pre"] = "gpt-2", ["tokenizer.ggml.bos_token_id"] = 1u,
            ["tokenizer.ggml.eos_token_id"] = 2u,
            ["tokenizer.ggml.padding_token_id"] = 0u, ["tokenizer.ggml.add_bos_token"] = false, ["tokenizer.ggml.add_eos_token"] = false,
            ["tokenizer.chat_template"] = model.ChatTemplate.Source,
        })
        {
            keys[key].Should().Be(value, key);
        }

        object[] tokens = (object[])keys["tokenizer.ggml.tokens"], kinds = (object[])keys["tokenizer.ggml.token_type"];
        tokens.Should().HaveCount(1030).And.OnlyHaveUniqueItems();
        kinds.Should().Equal([3, 3, 3, .. Enumerable.Repeat(1, 1021), .. Enumerable.Repeat(5, 6)]);
        tokens[1].Should().Be("<|im_start|>");
        tokens[^1].Should().Be("[PAD1029]");
        ((object[])keys["tokenizer.ggml.merges"])[0].Should().Be("Ġ t");
    }

    [Fact]
    public void SaveGguf_Experts_StacksThemAndKeepsTheRouterInSinglePrecision()
    {
        ModelConfig config = s_config with { Experts = new ExpertsConfig { Count = 3, PerToken = 2, IntermediateSize = 32 } };
        using PretrainedModel model = SmallModel.Create(seed: 3, config: config);

        GgufFile file = Save(model, GgufType.F16);

        Dictionary<string, Tensor> parameters = Parameters(model);
        file.Keys["general.architecture"].Should().Be("qwen3moe");
        file.Keys["qwen3moe.expert_count"].Should().Be(3u);
        file.Keys["qwen3moe.expert_used_count"].Should().Be(2u);
        file.Keys["qwen3moe.expert_feed_forward_length"].Should().Be(32u);
        file.Tensors["blk.1.ffn_gate_inp.weight"].Type.Should().Be(0);
        foreach ((string theirs, string ours, long[] sizes) in new[] { ("gate", "gate_proj", new long[] { 64, 32, 3 }), ("up", "up_proj", [64, 32, 3]),
            ("down", "down_proj", [32, 64, 3]) })
        {
            file.Tensors[$"blk.1.ffn_{theirs}_exps.weight"].Sizes.Should().Equal(sizes);
            ShouldHold(file, $"blk.1.ffn_{theirs}_exps.weight", 1,
                [.. Enumerable.Range(0, 3).SelectMany(expert => parameters[$"model.layers.1.mlp.experts.{expert}.{ours}.weight"].data<float>().ToArray())]);
        }
    }

    [Fact]
    public void SaveGguf_WithoutQkNorm_PutsRowsOfQueriesAndKeysIntoPairs()
    {
        using PretrainedModel model = SmallModel.Create(seed: 3, config: s_config with { QkNorm = false, TieWordEmbeddings = false });

        GgufFile file = Save(model, GgufType.F32);

        Dictionary<string, Tensor> parameters = Parameters(model);
        file.Keys["general.architecture"].Should().Be("llama");
        ShouldHold(file, "output.weight", 0, parameters["lm_head.weight"].data<float>().ToArray());
        ShouldHold(file, "blk.0.attn_v.weight", 0, parameters["model.layers.0.self_attn.v_proj.weight"].data<float>().ToArray());
        foreach ((string theirs, string ours, int heads) in new[] { ("attn_q", "q_proj", 4), ("attn_k", "k_proj", 2) })
        {
            float[] rows = parameters[$"model.layers.0.self_attn.{ours}.weight"].data<float>().ToArray();
            // of a head of 16 rows, rows 0 and 8 rotate together, then 1 and 9, ...
            int[] order = [.. Enumerable.Range(0, heads)
                .SelectMany(head => Enumerable.Range(0, 8).SelectMany(pair => new[] { (16 * head) + pair, (16 * head) + pair + 8 }))];
            ShouldHold(file, $"blk.0.{theirs}.weight", 0, [.. order.SelectMany(row => rows[(64 * row)..(64 * (row + 1))])]);
        }
    }

    [Fact]
    public void Write_HardBlocks_AreThoseOfTheReference()
    {
        float[][] blocks =
        [
            new float[32], [.. Enumerable.Range(-16, 32).Select(i => i * 0.25f)], [.. Enumerable.Range(0, 32).Select(i => i == 7 ? -1000f : 1e-3f * i)],
            [.. Enumerable.Range(0, 32).Select(i => i == 0 ? 127f : i - 16.5f)], [.. Enumerable.Range(0, 32).Select(i => 1e-9f * i)],
                [.. Enumerable.Range(0, 32).Select(i => 8e6f / (i + 1))],
            [.. Enumerable.Range(0, 32).Select(i => 1e-42f * i)],
        ];
        byte[] written = new byte[blocks.Length * Q8Block.Bytes];

        Q8Block.Write([.. blocks.SelectMany(block => block)], written);

        for (int i = 0; i < blocks.Length; i++)
            ShouldBeBlock(blocks[i], BitConverter.ToHalf(written, 34 * i), [.. written[((34 * i) + 2)..(34 * (i + 1))].Select(value => (sbyte)value)]);
        written[((34 * 3) + 2)..(34 * 4)].Skip(1).Select(value => (int)(sbyte)value).Should()
            .Equal(Enumerable.Range(1, 31).Select(i => i < 17 ? i - 17 : i - 16), "halves go away from zero");
    }

    [Fact]
    public void SaveGguf_TrainedPolicy_IsWhatWasTrained()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, LearningRate = 1e-3 })
            .Fit(SmallModel.Pairs(context, 4));
        using PretrainedModel policy = trained.AsModel();

        trained.SaveGguf(_folder.File("policy.gguf"), GgufType.F32, new GgufOptions { WriteModelfile = true });

        float[] weights = Parameters(policy)["model.layers.1.mlp.up_proj.weight"].data<float>().ToArray();
        ShouldHold(new GgufFile(_folder.File("policy.gguf")), "blk.1.ffn_up.weight", 0, weights);
        weights.Should().NotEqual(Parameters(model)["model.layers.1.mlp.up_proj.weight"].data<float>().ToArray());
        File.Exists(_folder.File("Modelfile")).Should().BeTrue();
    }

    [Fact]
    public void SaveGguf_FileThatCannotBeWritten_LeavesTheOldOnes()
    {
        using PretrainedModel model = SmallModel.Create();
        _folder.Write("model.gguf", "old"u8);
        Directory.CreateDirectory(_folder.File("Modelfile"));

        model.Invoking(m => m.SaveGguf(_folder.File("model.gguf"), GgufType.F16, new GgufOptions { WriteModelfile = true })).Should().Throw<IOException>()
            .WithMessage("*folder*");

        File.ReadAllText(_folder.File("model.gguf")).Should().Be("old");
        Directory.GetFileSystemEntries(_folder.Path).Should().HaveCount(2);
    }

    [Fact]
    public void SaveGguf_LargeModel_StreamsItsTensors()
    {
        ModelConfig config = new() { VocabularySize = 60_000, HiddenSize = 256, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1 };
        using PretrainedModel model = SmallModel.Create(config: config);
        IReadOnlyList<GgufTensor> tensors = GgufTensors.Of(config, Parameters(model), GgufTensorType.Q8Block);
        GgufMetadata metadata = new();
        long before = GC.GetAllocatedBytesForCurrentThread();

        GgufWriter.Write(Stream.Null, metadata, tensors);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000_000, "the embedding alone has 61 MB");
    }

    private static void ShouldHold(GgufFile file, string name, uint type, float[] expected)
    {
        if (type == 8)
        {
            (Half Scale, sbyte[] Numbers)[] blocks = file.Blocks(name);
            blocks.Should().HaveCount(expected.Length / 32);
            for (int i = 0; i < blocks.Length; i++)
                ShouldBeBlock(expected[(32 * i)..(32 * (i + 1))], blocks[i].Scale, blocks[i].Numbers);
            return;
        }
        file.Numbers(name).Should().Equal(expected.Select(number => type switch
        {
            0 => number,
            1 => (double)(Half)number,
            _ => RoundedToBFloat16(number),
        }), name);
    }

    // The format's definition in double precision: scale max|x| / 127 as half, then x over the unrounded scale, rounded, halves away from zero.
    private static void ShouldBeBlock(float[] numbers, Half scale, sbyte[] quants)
    {
        double exact = numbers.Max(number => Math.Abs((double)number)) / 127;
        scale.Should().Be((Half)(float)exact);
        for (int i = 0; i < 32; i++)
        {
            double quotient = exact < 1e-38 ? 0 : numbers[i] / exact, wanted = Math.Round(quotient, MidpointRounding.AwayFromZero);
            if (exact < 1e-38)
                continue; // the scale is zero, and so is what is read
            bool isTie = Math.Abs(Math.Abs(quotient - Math.Truncate(quotient)) - 0.5) < 1e-4;
            if (isTie)
                Math.Abs(quants[i] - quotient).Should().BeLessThan(0.5002);
            else
                quants[i].Should().Be((sbyte)wanted, $"{numbers[i]} over {exact}");
            double bound = (exact / 2) + (127 * Math.Abs((double)scale - exact)) + (1e-4 * exact);
            Math.Abs(((double)scale * quants[i]) - numbers[i]).Should().BeLessThanOrEqualTo(bound);
        }
    }

    private static double RoundedToBFloat16(float number)
    {
        using Tensor single = tensor(new[] { number }), rounded = single.to(ScalarType.BFloat16), back = rounded.to(ScalarType.Float32);
        return back.data<float>()[0];
    }

    private GgufFile Save(PretrainedModel model, GgufType type)
    {
        model.SaveGguf(_folder.File("model.gguf"), type);
        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Should().Equal("model.gguf");
        return new GgufFile(_folder.File("model.gguf"));
    }

    private static Dictionary<string, Tensor> Parameters(PretrainedModel model) =>
        model.Network.Network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter);

    private static IEnumerable<(string Theirs, string Ours)> Names(ModelConfig config)
    {
        yield return ("token_embd.weight", "model.embed_tokens.weight");
        yield return ("output_norm.weight", "model.norm.weight");
        for (int i = 0; i < config.LayerCount; i++)
        {
            foreach ((string theirs, string ours) in new[]
            {
                ("attn_norm", "input_layernorm"), ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"),
                    ("attn_output", "self_attn.o_proj"),
                ("attn_q_norm", "self_attn.q_norm"), ("attn_k_norm", "self_attn.k_norm"), ("ffn_norm", "post_attention_layernorm"),
                    ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
            })
            {
                yield return ($"blk.{i}.{theirs}.weight", $"model.layers.{i}.{ours}.weight");
            }
        }
    }
}
