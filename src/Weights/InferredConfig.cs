using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The configuration of a MiniMind checkpoint that comes without one: sizes from the shapes of its tensors, all else MiniMind's defaults.</summary>
internal static class InferredConfig
{
    private const string Layer = "model.layers.0.";

    /// <summary>Infers.</summary>
    /// <exception cref="WeightFileException">The tensors are not those of a MiniMind model; a configuration would have to be given.</exception>
    public static ModelConfig Of(IWeightSource source)
    {
        IReadOnlyDictionary<string, WeightView> tensors = FusedExperts.Split(source);
        long[] embedding = Shape(tensors.ContainsKey(StateDictNames.Embedding) ? StateDictNames.Embedding : StateDictNames.Head);
        long headDim = Shape(Layer + "self_attn.q_norm.weight")[^1];
        bool experts = tensors.ContainsKey(Layer + "mlp.gate.weight");
        long width = Shape(Layer + (experts ? "mlp.experts.0.gate_proj.weight" : "mlp.gate_proj.weight"))[0];
        int layers = 0;
        while (tensors.ContainsKey($"model.layers.{layers}.input_layernorm.weight"))
            layers++;

        ModelConfig config = new()
        {
            VocabularySize = Size(embedding[0], ConfigLimits.Vocabulary),
            HiddenSize = Size(embedding[^1], ConfigLimits.Width),
            LayerCount = Size(layers, ConfigLimits.Layers),
            HeadDim = Size(headDim, ConfigLimits.Heads),
            HeadCount = Size(Shape(Layer + "self_attn.q_proj.weight")[0] / Size(headDim, ConfigLimits.Heads), ConfigLimits.Heads),
            KeyValueHeadCount = Size(Shape(Layer + "self_attn.k_proj.weight")[0] / Size(headDim, ConfigLimits.Heads), ConfigLimits.Heads),
            IntermediateSize = Size(width, ConfigLimits.Width),
        };
        if (experts)
            config = config with
            {
                Experts = new ExpertsConfig
                {
                    Count = Size(Shape(Layer + "mlp.gate.weight")[0], ConfigLimits.Experts),
                    IntermediateSize = config.IntermediateSize
                }
            };
        List<string> faults = [];
        ConfigLimits.CheckTogether(config, faults);
        return faults.Count == 0 ? config : throw Fail(string.Join("; ", faults));

        long[] Shape(string name) =>
            tensors.TryGetValue(name, out WeightView? view) && view.Shape.Length > 0 ? view.Shape : throw Fail($"'{name}' is missing");

        int Size(long size, int most) => size > 0 && size <= most ? (int)size : throw Fail($"a size is {size}");

        WeightFileException Fail(string what) =>
            new(source.Path, "tensors", $"there is no config.json, and the shapes are not those of a MiniMind model ({what}); give a configuration");
    }
}
