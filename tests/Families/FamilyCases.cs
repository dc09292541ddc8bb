using System.Globalization;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>One small model for each family, and for each of its parts that not all of its models have.</summary>
internal static class FamilyCases
{
    private const int Hidden = 64, Heads = 4, KeyValueHeads = 2, HeadDim = 16, Intermediate = 96;

    private static readonly string s_sizes =
        $"\"vocab_size\":{FamilyCase.Vocabulary},\"hidden_size\":64,\"intermediate_size\":96,\"num_attention_heads\":4,\"num_key_value_heads\":2,"
            + "\"bos_token_id\":1,\"eos_token_id\":2";

    public static FamilyCase Qwen2 { get; } = new()
    {
        Name = "Qwen2.5",
        Config = "{\"architectures\":[\"Qwen2ForCausalLM\"],\"model_type\":\"qwen2\"," + s_sizes
            + ",\"num_hidden_layers\":2,\"attention_dropout\":0.0,\"hidden_act\":\"silu\",\"initializer_range\":0.02,"
            + "\"max_position_embeddings\":512,\"max_window_layers\":2,\"rms_norm_eps\":1e-06,\"rope_theta\":1000000.0,\"sliding_window\":512,"
            + "\"tie_word_embeddings\":true,\"torch_dtype\":\"bfloat16\",\"use_cache\":true,\"use_sliding_window\":false}",
        Tensors = [.. Dense(2, bias: true)],
        Oracle = weights => Plain(weights, 2, 1e-6, _ => Frequencies(1e6)),
    };

    public static FamilyCase Qwen3 { get; } = new()
    {
        Name = "Qwen3",
        Config = "{\"architectures\":[\"Qwen3ForCausalLM\"],\"model_type\":\"qwen3\"," + s_sizes
            + ",\"num_hidden_layers\":2,\"attention_bias\":false,\"attention_dropout\":0.0,\"head_dim\":32,\"hidden_act\":\"silu\",\"initializer_range\":0.02,"
            + "\"max_position_embeddings\":512,\"max_window_layers\":2,\"rms_norm_eps\":1e-06,\"rope_scaling\":null,\"rope_theta\":1000000,"
            + "\"sliding_window\":null,\"tie_word_embeddings\":true,\"torch_dtype\":\"bfloat16\",\"use_cache\":true,\"use_sliding_window\":false}",
        Tensors = [.. Dense(2, headDim: 32, qkNorm: true)],
        Oracle = weights => WithNorms(weights),
    };

    public static FamilyCase Qwen3Moe { get; } = new()
    {
        Name = "Qwen3-MoE",
        Config = Qwen3.Config.Replace("Qwen3ForCausalLM", "Qwen3MoeForCausalLM", StringComparison.Ordinal)
            .Replace("\"qwen3\"", "\"qwen3_moe\",\"decoder_sparse_step\":1,\"mlp_only_layers\":[],\"moe_intermediate_size\":96,\"norm_topk_prob\":true,"
                + "\"num_experts\":4,\"num_experts_per_tok\":2,\"router_aux_loss_coef\":0.001", StringComparison.Ordinal),
        Tensors = [.. Routed(Dense(2, headDim: 32, qkNorm: true), shared: false)],
        Oracle = weights => WithNorms(weights, (4, 2, true, 0)),
    };

    public static FamilyCase MiniMind3 { get; } = new()
    {
        Name = "MiniMind3",
        Config = "{\"architectures\":[\"MiniMindForCausalLM\"],\"model_type\":\"minimind\"," + s_sizes
            + ",\"num_hidden_layers\":2,\"dropout\":0.0,\"flash_attn\":true,\"head_dim\":32,\"hidden_act\":\"silu\",\"inference_rope_scaling\":false,"
            + "\"max_position_embeddings\":512,\"moe_intermediate_size\":96,\"norm_topk_prob\":true,\"num_experts\":4,\"num_experts_per_tok\":1,"
            + "\"rms_norm_eps\":1e-06,\"rope_scaling\":null,\"rope_theta\":1000000.0,\"router_aux_loss_coef\":0.0005,\"tie_word_embeddings\":true,"
            + "\"torch_dtype\":\"float16\",\"use_moe\":false}",
        Tensors = [.. Dense(2, headDim: 32, qkNorm: true)],
        Oracle = weights => WithNorms(weights),
    };

    public static FamilyCase MiniMind3Moe { get; } = MiniMind3 with
    {
        Name = "MiniMind3-MoE",
        Config = MiniMind3.Config.Replace("\"use_moe\":false", "\"use_moe\":true", StringComparison.Ordinal),
        Tensors = Qwen3Moe.Tensors,
        Oracle = weights => WithNorms(weights, (4, 1, true, 0)),
    };

    public static FamilyCase Llama32 { get; } = new()
    {
        Name = "Llama 3.2",
        Config = "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\"," + s_sizes
            + ",\"num_hidden_layers\":2,\"attention_bias\":false,\"attention_dropout\":0.0,\"head_dim\":16,\"hidden_act\":\"silu\","
            + "\"max_position_embeddings\":512,\"mlp_bias\":false,\"pretraining_tp\":1,\"rms_norm_eps\":1e-05,"
            + "\"rope_scaling\":{\"factor\":32.0,\"high_freq_factor\":4.0,\"low_freq_factor\":1.0,\"original_max_position_embeddings\":64,"
            + "\"rope_type\":\"llama3\"},\"rope_theta\":500000.0,\"tie_word_embeddings\":true}",
        Tensors = [.. Dense(2)],
        Oracle = weights => Plain(weights, 2, 1e-5, _ => Llama3Frequencies(Frequencies(5e5), 32, 1, 4, 64)),
    };

    /// <summary>Plain Llama with 3 key-value heads, as the smallest one has, and a width that is no multiple of 16.</summary>
    public static FamilyCase SmolLm2 { get; } = new()
    {
        Name = "SmolLM2",
        Config = "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"vocab_size\":" + FamilyCase.Vocabulary
            + ",\"hidden_size\":72,\"intermediate_size\":100,\"num_attention_heads\":9,\"num_key_value_heads\":3,"
            + "\"bos_token_id\":1,\"eos_token_id\":2,\"num_hidden_layers\":2,\"attention_bias\":false,\"hidden_act\":\"silu\","
            + "\"is_llama_config\":true,\"max_position_embeddings\":512,\"mlp_bias\":false,"
            + "\"pad_token_id\":2,\"rms_norm_eps\":1e-05,\"rope_interleaved\":false,\"rope_scaling\":null,\"rope_theta\":100000,"
            + "\"tie_word_embeddings\":true,\"transformers.js_config\":{\"kv_cache_dtype\":{\"q4f16\":\"float16\"}}}",
        Tensors = [.. Dense(2, hidden: 72, heads: 9, keyValueHeads: 3, headDim: 8, intermediate: 100)],
        Oracle = weights => new ScalarDecoder
        {
            Weights = weights, Hidden = 72, Layers = 2, Heads = 9, KeyValueHeads = 3, HeadDim = 8, Intermediate = 100, Epsilon = 1e-5, Frequencies = _ =>
            Frequencies(1e5, 8),
        },
    };

    public static FamilyCase SmolLm3 { get; } = new()
    {
        Name = "SmolLM3",
        Config = "{\"architectures\":[\"SmolLM3ForCausalLM\"],\"model_type\":\"smollm3\"," + s_sizes
            + ",\"num_hidden_layers\":5,\"attention_bias\":false,\"attention_dropout\":0.0,\"hidden_act\":\"silu\","
            + "\"layer_types\":[\"full_attention\",\"full_attention\",\"full_attention\",\"full_attention\",\"full_attention\"],"
            + "\"max_position_embeddings\":512,\"max_window_layers\":28,\"mlp_bias\":false,"
            + "\"no_rope_layer_interval\":4,\"no_rope_layers\":[1,1,1,0,1],\"pad_token_id\":4,\"rms_norm_eps\":1e-06,\"rope_scaling\":null,"
            + "\"rope_theta\":5000000.0,\"sliding_window\":null,\"tie_word_embeddings\":true,\"use_sliding_window\":false}",
        Tensors = [.. Dense(5)],
        Oracle = weights => Plain(weights, 5, 1e-6, layer => layer == 3 ? [] : Frequencies(5e6)),
    };

    public static FamilyCase MiniMind2 { get; } = new()
    {
        Name = "MiniMind2",
        Config = "{\"architectures\":[\"MiniMindForCausalLM\"],\"model_type\":\"minimind\",\"vocab_size\":" + FamilyCase.Vocabulary
            + ",\"hidden_size\":64,\"num_attention_heads\":4,\"num_key_value_heads\":2,\"num_hidden_layers\":2,"
            + "\"bos_token_id\":1,\"eos_token_id\":2,\"dropout\":0.0,\"hidden_act\":\"silu\",\"intermediate_size\":null,"
            + "\"max_position_embeddings\":512,\"rms_norm_eps\":1e-05,\"rope_theta\":1000000.0,\"flash_attn\":true,\"use_moe\":false,"
            + "\"num_experts_per_tok\":2,\"n_routed_experts\":4,\"n_shared_experts\":1,\"scoring_func\":\"softmax\",\"aux_loss_alpha\":0.1,"
            + "\"seq_aux\":true,\"norm_topk_prob\":true,\"torch_dtype\":\"float16\"}",
        Tensors = [.. Dense(2, intermediate: 192)],
        Oracle = weights => Plain(weights, 2, 1e-5, _ => Frequencies(1e6), intermediate: 192),
    };

    public static FamilyCase MiniMind2Moe { get; } = MiniMind2 with
    {
        Name = "MiniMind2-MoE",
        Config = MiniMind2.Config.Replace("\"use_moe\":false", "\"use_moe\":true", StringComparison.Ordinal),
        Tensors = [.. Routed(Dense(2, intermediate: 192), shared: true)],
        Oracle = weights => Plain(weights, 2, 1e-5, _ => Frequencies(1e6), intermediate: 192, experts: (4, 2, true, 1)),
    };

    public static FamilyCase Mistral { get; } = new()
    {
        Name = "Mistral",
        Config = "{\"architectures\":[\"MistralForCausalLM\"],\"model_type\":\"mistral\"," + s_sizes
            + ",\"num_hidden_layers\":2,\"head_dim\":16,\"hidden_act\":\"silu\",\"max_position_embeddings\":512,\"rms_norm_eps\":1e-05,"
            + "\"rope_theta\":10000.0,\"sliding_window\":11,\"tie_word_embeddings\":false}",
        Tensors = [.. Dense(2, tied: false)],
        Oracle = weights => Plain(weights, 2, 1e-5, _ => Frequencies(1e4), window: _ => 11),
    };

    public static FamilyCase MistralWithoutWindow { get; } = Mistral with
    {
        Name = "Mistral without window",
        Config = Mistral.Config.Replace("\"sliding_window\":11", "\"sliding_window\":null", StringComparison.Ordinal),
        Oracle = weights => Plain(weights, 2, 1e-5, _ => Frequencies(1e4)),
    };

    public static FamilyCase Gemma3 { get; } = new()
    {
        Name = "Gemma 3",
        Config = "{\"architectures\":[\"Gemma3ForCausalLM\"],\"model_type\":\"gemma3_text\","
            + s_sizes.Replace("\"num_attention_heads\":4", "\"num_attention_heads\":3", StringComparison.Ordinal)
            .Replace("\"num_key_value_heads\":2", "\"num_key_value_heads\":1", StringComparison.Ordinal)
            + ",\"num_hidden_layers\":7,\"attention_bias\":false,\"attention_dropout\":0.0,\"attn_logit_softcapping\":null,"
            + "\"cache_implementation\":\"hybrid\",\"final_logit_softcapping\":null,\"head_dim\":32,"
            + "\"hidden_activation\":\"gelu_pytorch_tanh\",\"max_position_embeddings\":512,\"pad_token_id\":0,\"query_pre_attn_scalar\":32,"
            + "\"rms_norm_eps\":1e-06,\"rope_local_base_freq\":10000,\"rope_scaling\":null,"
            + "\"rope_theta\":1000000,\"sliding_window\":9,\"sliding_window_pattern\":6}",
        Tensors = [.. Dense(7, heads: 3, keyValueHeads: 1, headDim: 32, qkNorm: true, sandwich: true)],
        NormCentre = 0,
        Oracle = weights => Gemma(weights, 32, 1),
    };

    /// <summary>As the larger ones: scores scaled otherwise than by the head's width, and global positions divided by 8.</summary>
    public static FamilyCase Gemma3Large { get; } = Gemma3 with
    {
        Name = "Gemma 3 large",
        Config = Gemma3.Config.Replace("\"query_pre_attn_scalar\":32", "\"query_pre_attn_scalar\":21", StringComparison.Ordinal)
            .Replace("\"rope_scaling\":null", "\"rope_scaling\":{\"factor\":8.0,\"rope_type\":\"linear\"}", StringComparison.Ordinal),
        Oracle = weights => Gemma(weights, 21, 8),
    };

    public static FamilyCase Phi3 { get; } = new()
    {
        Name = "Phi-3",
        Config = "{\"architectures\":[\"Phi3ForCausalLM\"],\"model_type\":\"phi3\","
            + s_sizes.Replace("\"num_key_value_heads\":2", "\"num_key_value_heads\":4", StringComparison.Ordinal)
            + ",\"num_hidden_layers\":2,\"attention_bias\":false,"
            + "\"attention_dropout\":0.0,\"embd_pdrop\":0.0,\"hidden_act\":\"silu\",\"max_position_embeddings\":512,"
            + "\"original_max_position_embeddings\":512,\"pad_token_id\":2,\"resid_pdrop\":0.0,\"rms_norm_eps\":1e-05,"
            + "\"rope_scaling\":null,\"rope_theta\":10000.0,\"sliding_window\":13,\"tie_word_embeddings\":false}",
        Tensors = [.. Fused(2, 4, tied: false)],
        Oracle = weights => Plain(weights, 2, 1e-5, _ => Frequencies(1e4), window: _ => 13, keyValueHeads: 4, fused: true),
    };

    public static FamilyCase Phi4Mini { get; } = new()
    {
        Name = "Phi-4-mini",
        Config = "{\"architectures\":[\"Phi3ForCausalLM\"],\"model_type\":\"phi3\"," + s_sizes
            + ",\"num_hidden_layers\":2,\"attention_bias\":false,\"attention_dropout\":0.0,\"embd_pdrop\":0.0,\"full_attn_mod\":1,\"hidden_act\":\"silu\","
            + "\"interpolate_factor\":1,\"lm_head_bias\":false,\"max_position_embeddings\":8192,\"mlp_bias\":false,"
            + "\"original_max_position_embeddings\":256,\"pad_token_id\":2,\"partial_rotary_factor\":0.75,\"resid_pdrop\":0.0,\"rms_norm_eps\":1e-05,"
            + "\"rope_scaling\":{\"long_factor\":[1,2,4,8,16,32],\"short_factor\":[1.0,1.1,1.3,1.7,2.5,3.5],\"type\":\"longrope\"},"
            + "\"rope_theta\":10000.0,\"sliding_window\":262144,\"tie_word_embeddings\":true}",
        Tensors = [.. Fused(2, 2, tied: true)],
        Oracle = weights => Plain(
            weights, 2, 1e-5, _ => [.. Frequencies(1e4, 12).Zip([1.0, 1.1, 1.3, 1.7, 2.5, 3.5], (frequency, factor) => frequency / factor)], fused: true,
            rotationFactor: Math.Sqrt(1 + Math.Log(8192 / 256.0) / Math.Log(256))),
    };

    /// <summary>Whose sequences are longer than the original context, or not.</summary>
    public static FamilyCase Phi4MiniLong { get; } = Phi4Mini with
    {
        Name = "Phi-4-mini beyond its original context",
        Config = Phi4Mini.Config.Replace("\"original_max_position_embeddings\":256", "\"original_max_position_embeddings\":17", StringComparison.Ordinal),
        Oracle = weights => Plain(
            weights, 2, 1e-5, _ => [.. Frequencies(1e4, 12).Zip([1.0, 1.1, 1.3, 1.7, 2.5, 3.5], (frequency, factor) => frequency / factor)], fused: true,
            rotationFactor: Math.Sqrt(1 + Math.Log(8192 / 17.0) / Math.Log(17)),
            longFrequencies: (17, [.. Frequencies(1e4, 12).Zip([1.0, 2, 4, 8, 16, 32], (frequency, factor) => frequency / factor)])),
    };

    public static IReadOnlyList<FamilyCase> All { get; } =
    [
        Qwen3, Qwen3Moe, MiniMind3, MiniMind3Moe, Qwen2, Llama32, SmolLm2, SmolLm3, MiniMind2, MiniMind2Moe, Mistral, MistralWithoutWindow, Gemma3, Gemma3Large,
        Phi3, Phi4Mini, Phi4MiniLong,
    ];

    /// <summary>Those that transformers has; it takes no hidden size that is not a multiple of the heads' number, though nothing depends on that.</summary>
    public static IReadOnlyList<FamilyCase> OfTransformers { get; } = [.. All.Where(one => one != MiniMind2Moe).Select(one => one with
    {
        Config = one.Config.Replace("\"num_attention_heads\":3", "\"num_attention_heads\":4", StringComparison.Ordinal),
        Tensors = one.Config.Contains("\"num_attention_heads\":3", StringComparison.Ordinal)
            ? [.. Dense(7, heads: 4, keyValueHeads: 1, headDim: 32, qkNorm: true, sandwich: true)] : one.Tensors,
    })];

    public static FamilyCase Find(string name) => All.Single(one => one.Name == name);

    private static double[] Frequencies(double theta, int rotated = HeadDim) =>
        [.. Enumerable.Range(0, rotated / 2).Select(i => Math.Pow(theta, -2.0 * i / rotated))];

    private static double[] Llama3Frequencies(double[] frequencies, double factor, double low, double high, double original) =>
        [.. frequencies.Select(frequency =>
    {
        double wave = 2 * Math.PI / frequency;
        if (wave > original / low)
            return frequency / factor;
        if (wave < original / high)
            return frequency;
        double t = (original / wave - low) / (high - low);
        return (1 - t) * frequency / factor + t * frequency;
    })];

    private static ScalarDecoder Plain(
        IReadOnlyDictionary<string, double[]> weights, int layers, double epsilon, Func<int, double[]> frequencies, Func<int, int>? window = null,
            int keyValueHeads = KeyValueHeads,
        int intermediate = Intermediate, bool fused = false, double rotationFactor = 1, (int, int, bool, int)? experts = null,
        (int, double[])? longFrequencies = null) => new()
        {
            Weights = weights, Hidden = Hidden, Layers = layers, Heads = Heads, KeyValueHeads = keyValueHeads, HeadDim = HeadDim, Intermediate = intermediate,
            Epsilon = epsilon,
            Frequencies = frequencies, Window = window ?? (_ => int.MaxValue), Fused = fused, RotationFactor = rotationFactor, Experts = experts,
            LongFrequencies = longFrequencies,
        };

    private static ScalarDecoder WithNorms(IReadOnlyDictionary<string, double[]> weights, (int, int, bool, int)? experts = null) => new()
    {
        Weights = weights, Hidden = Hidden, Layers = 2, Heads = Heads, KeyValueHeads = KeyValueHeads, HeadDim = 32, Intermediate = Intermediate, Epsilon = 1e-6,
        QkNorm = true, Frequencies = _ => Frequencies(1e6, 32), Experts = experts,
    };

    private static ScalarDecoder Gemma(IReadOnlyDictionary<string, double[]> weights, double scalar, double factor) => new()
    {
        Weights = weights, Hidden = Hidden, Layers = 7, Heads = 3, KeyValueHeads = 1, HeadDim = 32, Intermediate = Intermediate, Epsilon = 1e-6, QkNorm = true,
        Sandwich = true, NormOffset = 1,
        EmbeddingScale = Math.Sqrt(Hidden), ScoreScale = 1 / Math.Sqrt(scalar), Window = layer => layer == 5 ? int.MaxValue : 9,
        Frequencies = layer => layer == 5 ? [.. Frequencies(1e6, 32).Select(frequency => frequency / factor)] : Frequencies(1e4, 32),
        Activation = x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
    };

    private static IEnumerable<(string Name, int[] Shape)> Routed(IEnumerable<(string Name, int[] Shape)> dense, bool shared) => dense.SelectMany(tensor =>
        tensor.Name.Contains("mlp.gate_proj", StringComparison.Ordinal)
            ? [(tensor.Name.Replace("gate_proj", "gate", StringComparison.Ordinal), [4, Hidden]), .. Experts(tensor, shared)]
            : tensor.Name.Contains("mlp.", StringComparison.Ordinal) ? Experts(tensor, shared) : [tensor]);

    private static IEnumerable<(string Name, int[] Shape)> Experts((string Name, int[] Shape) tensor, bool shared)
    {
        for (int expert = 0; expert < 4; expert++)
            yield return (tensor.Name.Replace("mlp.", $"mlp.experts.{expert.ToString(CultureInfo.InvariantCulture)}.", StringComparison.Ordinal), tensor.Shape);
        if (shared)
            yield return (tensor.Name.Replace("mlp.", "mlp.shared_experts.0.", StringComparison.Ordinal), tensor.Shape);
    }

    private static IEnumerable<(string Name, int[] Shape)> Dense(
        int layers, bool bias = false, bool tied = true, int hidden = Hidden, int heads = Heads, int keyValueHeads = KeyValueHeads, int headDim = HeadDim,
            int intermediate = Intermediate,
        bool qkNorm = false, bool sandwich = false)
    {
        yield return ("model.embed_tokens.weight", [FamilyCase.Vocabulary, hidden]);
        for (int layer = 0; layer < layers; layer++)
        {
            string name = $"model.layers.{layer.ToString(CultureInfo.InvariantCulture)}.";
            foreach ((string part, int rows) in new[] { ("q", heads * headDim), ("k", keyValueHeads * headDim), ("v", keyValueHeads * headDim) })
            {
                yield return ($"{name}self_attn.{part}_proj.weight", [rows, hidden]);
                if (bias)
                    yield return ($"{name}self_attn.{part}_proj.bias", [rows]);
                if (qkNorm && part != "v")
                    yield return ($"{name}self_attn.{part}_norm.weight", [headDim]);
            }
            yield return ($"{name}self_attn.o_proj.weight", [hidden, heads * headDim]);
            yield return ($"{name}mlp.gate_proj.weight", [intermediate, hidden]);
            yield return ($"{name}mlp.up_proj.weight", [intermediate, hidden]);
            yield return ($"{name}mlp.down_proj.weight", [hidden, intermediate]);
            yield return ($"{name}input_layernorm.weight", [hidden]);
            yield return ($"{name}post_attention_layernorm.weight", [hidden]);
            if (!sandwich)
                continue;
            yield return ($"{name}pre_feedforward_layernorm.weight", [hidden]);
            yield return ($"{name}post_feedforward_layernorm.weight", [hidden]);
        }
        yield return ("model.norm.weight", [hidden]);
        if (!tied)
            yield return ("lm_head.weight", [FamilyCase.Vocabulary, hidden]);
    }

    private static IEnumerable<(string Name, int[] Shape)> Fused(int layers, int keyValueHeads, bool tied)
    {
        foreach ((string name, int[] shape) in Dense(layers, tied: tied))
        {
            if (name.Contains("q_proj", StringComparison.Ordinal))
            {
                yield return (name.Replace("q_proj", "qkv_proj", StringComparison.Ordinal), [(Heads + 2 * keyValueHeads) * HeadDim, Hidden]);
            }
            else if (name.Contains("gate_proj", StringComparison.Ordinal))
            {
                yield return (name.Replace("gate_proj", "gate_up_proj", StringComparison.Ordinal), [2 * Intermediate, Hidden]);
            }
            else if (!name.Contains("k_proj", StringComparison.Ordinal) && !name.Contains("v_proj", StringComparison.Ordinal)
                && !name.Contains("up_proj", StringComparison.Ordinal))
            {
                yield return (name, shape);
            }
        }
    }
}
