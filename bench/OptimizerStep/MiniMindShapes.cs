using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.OptimizerStep;

/// <summary>Parameters with the shapes of MiniMind at hidden size 768, 8 layers, vocabulary 6,400: 63.9 million numbers.</summary>
internal static class MiniMindShapes
{
    private const long Hidden = 768;
    private const long KeyValue = 384;
    private const long HeadSize = 96;
    private const long Intermediate = 2432;
    private const long Vocabulary = 6400;
    private const int Layers = 8;

    /// <summary>Random values; the caller disposes them.</summary>
    public static IReadOnlyList<(string Name, Parameter Parameter)> Create()
    {
        List<(string, long[])> shapes = [("model.embed_tokens.weight", [Vocabulary, Hidden])];
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"model.layers.{layer}";
            shapes.AddRange(
            [
                ($"{prefix}.self_attn.q_proj.weight", [Hidden, Hidden]), ($"{prefix}.self_attn.k_proj.weight", [KeyValue, Hidden]),
                ($"{prefix}.self_attn.v_proj.weight", [KeyValue, Hidden]), ($"{prefix}.self_attn.o_proj.weight", [Hidden, Hidden]),
                ($"{prefix}.self_attn.q_norm.weight", [HeadSize]), ($"{prefix}.self_attn.k_norm.weight", [HeadSize]),
                ($"{prefix}.input_layernorm.weight", [Hidden]), ($"{prefix}.post_attention_layernorm.weight", [Hidden]),
                ($"{prefix}.mlp.gate_proj.weight", [Intermediate, Hidden]), ($"{prefix}.mlp.up_proj.weight", [Intermediate, Hidden]),
                ($"{prefix}.mlp.down_proj.weight", [Hidden, Intermediate]),
            ]);
        }
        shapes.Add(("model.norm.weight", [Hidden]));
        return [.. shapes.Select(entry => (entry.Item1, Random(entry.Item2)))];
    }

    /// <summary>Copies values into the gradients: into the tensors that are there, or into new ones as a backward pass would make them.</summary>
    public static void SetGradients(IReadOnlyList<Parameter> parameters, IReadOnlyList<Parameter> values)
    {
        using IDisposable withoutGraph = no_grad();
        for (int i = 0; i < parameters.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            if (parameters[i].grad is { } gradient)
                gradient.copy_(values[i]);
            else
                parameters[i].grad = values[i].clone();
        }
    }

    private static Parameter Random(long[] shape)
    {
        Tensor values = randn(shape);
        return new Parameter(values.mul_(0.02));
    }
}
