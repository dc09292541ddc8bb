using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Names and shapes of the parameters that a model of a given configuration has in a checkpoint.</summary>
internal static class ParameterShapes
{
    /// <summary>All parameters, in the order of the model; that of a tied model has no head.</summary>
    public static Dictionary<string, long[]> Of(ModelConfig config)
    {
        Dictionary<string, long[]> shapes = [];
        shapes.Add(StateDictNames.Embedding, [config.VocabularySize, config.HiddenSize]);
        for (int layer = 0; layer < config.LayerCount; layer++)
            AddLayer(shapes, $"model.layers.{layer}.", config);
        shapes.Add("model.norm.weight", [config.HiddenSize]);
        if (!config.TieWordEmbeddings)
            shapes.Add(StateDictNames.Head, [config.VocabularySize, config.HiddenSize]);
        return shapes;
    }

    private static void AddLayer(Dictionary<string, long[]> shapes, string prefix, ModelConfig config)
    {
        long queryWidth = (long)config.HeadCount * config.HeadDim, keyWidth = (long)config.KeyValueHeadCount * config.HeadDim;
        shapes.Add(prefix + "self_attn.q_proj.weight", [queryWidth, config.HiddenSize]);
        shapes.Add(prefix + "self_attn.k_proj.weight", [keyWidth, config.HiddenSize]);
        shapes.Add(prefix + "self_attn.v_proj.weight", [keyWidth, config.HiddenSize]);
        shapes.Add(prefix + "self_attn.o_proj.weight", [config.HiddenSize, queryWidth]);
        if (config.QkvBias)
        {
            shapes.Add(prefix + "self_attn.q_proj.bias", [queryWidth]);
            shapes.Add(prefix + "self_attn.k_proj.bias", [keyWidth]);
            shapes.Add(prefix + "self_attn.v_proj.bias", [keyWidth]);
        }
        if (config.QkNorm)
        {
            shapes.Add(prefix + "self_attn.q_norm.weight", [config.HeadDim]);
            shapes.Add(prefix + "self_attn.k_norm.weight", [config.HeadDim]);
        }
        shapes.Add(prefix + "input_layernorm.weight", [config.HiddenSize]);
        shapes.Add(prefix + "post_attention_layernorm.weight", [config.HiddenSize]);
        if (config.SandwichNorms)
        {
            shapes.Add(prefix + "pre_feedforward_layernorm.weight", [config.HiddenSize]);
            shapes.Add(prefix + "post_feedforward_layernorm.weight", [config.HiddenSize]);
        }
        if (config.Experts is not { } experts)
        {
            AddFeedForward(shapes, prefix + "mlp.", config.HiddenSize, config.IntermediateSize);
            return;
        }
        shapes.Add(prefix + "mlp.gate.weight", [experts.Count, config.HiddenSize]);
        for (int expert = 0; expert < experts.Count; expert++)
            AddFeedForward(shapes, $"{prefix}mlp.experts.{expert}.", config.HiddenSize, experts.IntermediateSize);
        for (int shared = 0; shared < experts.SharedCount; shared++)
            AddFeedForward(shapes, $"{prefix}mlp.shared_experts.{shared}.", config.HiddenSize, experts.IntermediateSize);
    }

    private static void AddFeedForward(Dictionary<string, long[]> shapes, string prefix, long hidden, long width)
    {
        shapes.Add(prefix + "gate_proj.weight", [width, hidden]);
        shapes.Add(prefix + "up_proj.weight", [width, hidden]);
        shapes.Add(prefix + "down_proj.weight", [hidden, width]);
    }
}
