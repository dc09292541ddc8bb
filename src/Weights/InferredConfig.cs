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
        IReadOnlyDictionary<string, WeightView> tensors = CheckpointTensors.Of(source);
        long[] embedding = Shape(tensors.ContainsKey(StateDictNames.Embedding) ? StateDictNames.Embedding : StateDictNames.Head);
        if (!tensors.ContainsKey(Layer + "self_attn.q_norm.weight") && tensors.ContainsKey(Layer + "self_attn.q_proj.weight"))
            return MiniMind2(source, tensors);
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
        {
            config = config with
            {
                Experts = new ExpertsConfig
                {
                    Count = Size(Shape(Layer + "mlp.gate.weight")[0], ConfigLimits.Experts),
                    IntermediateSize = config.IntermediateSize
                }
            };
        }

        List<string> faults = [];
        ConfigLimits.CheckTogether(config, faults);
        return faults.Count == 0 ? config : throw Fail(string.Join("; ", faults));

        long[] Shape(string name) =>
            tensors.TryGetValue(name, out WeightView? view) && view.Shape.Length > 0 ? view.Shape : throw Fail($"'{name}' is missing");

        int Size(long size, int most) => size > 0 && size <= most ? (int)size : throw Fail($"a size is {size}");

        WeightFileException Fail(string what) =>
            new(source.Path, "tensors", $"there is no config.json, and the shapes are not those of a MiniMind model ({what}); give a configuration");
    }

    /// <summary>
    /// MiniMind 2's, whose heads the shapes do not tell: eight, of which all its published models have that many, and only where the other sizes are its own
    /// too.
    /// </summary>
    private static ModelConfig MiniMind2(IWeightSource source, IReadOnlyDictionary<string, WeightView> tensors)
    {
        ModelConfig defaults = MiniMind2ConfigReader.Defaults;
        long[] Shape(string name) => tensors.TryGetValue(name, out WeightView? view) && view.Shape.Length == 2 ? view.Shape : [0, 0];
        long[] embedding = Shape(tensors.ContainsKey(StateDictNames.Embedding) ? StateDictNames.Embedding : StateDictNames.Head);
        long hidden = embedding[1], vocabulary = embedding[0], keys = Shape(Layer + "self_attn.k_proj.weight")[0];
        bool experts = tensors.ContainsKey(Layer + "mlp.gate.weight");
        long width = Shape(Layer + (experts ? "mlp.experts.0.gate_proj.weight" : "mlp.gate_proj.weight"))[0];
        if (vocabulary != defaults.VocabularySize || hidden is < 8 or > ConfigLimits.Width || hidden % defaults.HeadCount != 0
            || keys != hidden / defaults.HeadCount * defaults.KeyValueHeadCount || width != MiniMind2ConfigReader.Width((int)hidden))
        {
            throw new WeightFileException(
                source.Path, "tensors", "there is no config.json, and without normalised queries and keys the shapes do not tell how many heads there are"
                + $" (they are not MiniMind 2's: {vocabulary} tokens, {hidden} wide, keys {keys}, feed-forward layers {width}); give a configuration");
        }
        int Count(Func<int, string> name, int most)
        {
            int count = 0;
            while (count < most && tensors.ContainsKey(name(count)))
                count++;
            return count;
        }
        ModelConfig config = defaults with
        {
            HiddenSize = (int)hidden,
            IntermediateSize = (int)width,
            LayerCount = Count(layer => $"model.layers.{layer}.input_layernorm.weight", ConfigLimits.Layers),
        };
        if (!experts)
            return config;
        return config with
        {
            Experts = new ExpertsConfig
            {
                Count = (int)Math.Min(Shape(Layer + "mlp.gate.weight")[0], ConfigLimits.Experts), PerToken = 2, IntermediateSize = (int)width,
                BalancesSequences = true, AuxLossCoefficient = MiniMind2ConfigReader.DefaultAuxLossCoefficient,
                SharedCount = Count(shared => $"{Layer}mlp.shared_experts.{shared}.gate_proj.weight", ConfigLimits.Experts),
            },
        };
    }
}
