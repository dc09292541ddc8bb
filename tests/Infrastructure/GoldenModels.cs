using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Networks with the goldens' random weights.</summary>
internal static class GoldenModels
{
    public static ModelConfig Config(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "minimind_config.json")));
        JsonElement root = document.RootElement;
        int Int(string key) => root.GetProperty(key).GetInt32();
        return new ModelConfig
        {
            VocabularySize = Int("vocab_size"), HiddenSize = Int("hidden_size"), LayerCount = Int("num_hidden_layers"), HeadCount = Int("num_attention_heads"),
            KeyValueHeadCount = Int("num_key_value_heads"), HeadDim = Int("head_dim"), IntermediateSize = Int("intermediate_size"),
            MaxPositions = Int("max_position_embeddings"), RmsNormEpsilon = root.GetProperty("rms_norm_eps").GetDouble(),
            RopeTheta = root.GetProperty("rope_theta").GetDouble(),
            RopeScaling = root.TryGetProperty("inference_rope_scaling", out JsonElement scaled) && scaled.GetBoolean() ? new YarnScaling() : null,
            Experts = !root.GetProperty("use_moe").GetBoolean() ? null : new ExpertsConfig
            {
                Count = Int("num_experts"), PerToken = Int("num_experts_per_tok"), IntermediateSize = Int("moe_intermediate_size"),
                NormalizeTopK = root.GetProperty("norm_topk_prob").GetBoolean(), AuxLossCoefficient = root.GetProperty("router_aux_loss_coef").GetDouble(),
            },
        };
    }

    /// <summary>The network of a golden folder, with the weights of the given file in it.</summary>
    public static MiniMindNetwork Load(string folder, string weights = "model.safetensors")
    {
        MiniMindNetwork network = new(Config(folder));
        CopyWeights(network, new GoldenTensors(Path.Combine(folder, weights)));
        return network;
    }

    public static void CopyWeights(MiniMindNetwork network, GoldenTensors weights)
    {
        using IDisposable noGradient = no_grad();
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
        {
            using Tensor value = weights[name];
            parameter.copy_(value);
        }
    }
}
