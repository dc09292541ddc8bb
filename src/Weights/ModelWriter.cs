using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights.Families;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Saves a model: a folder for Hugging Face's tools, or a checkpoint for MiniMind's.</summary>
internal static class ModelWriter
{
    /// <summary>The largest safetensors file that is written without being asked for another size: 5 GB, as in transformers.</summary>
    public const long DefaultMaxShardBytes = 5_000_000_000;

    /// <summary>Writes <c>config.json</c>, <c>generation_config.json</c> and safetensors; old files stay whole until all new ones are on the disk.</summary>
    /// <param name="folder">Made if it is not there; other files in it stay.</param>
    /// <param name="config">The model's configuration.</param>
    /// <param name="parameters">Its parameters by their checkpoint names; of a tied model without the head.</param>
    /// <param name="layout">Whose <c>config.json</c>.</param>
    /// <param name="precision">The type to write.</param>
    /// <param name="maxShardBytes">The most bytes of tensors in one file.</param>
    /// <param name="companions">Further files by their names, such as the tokenizer's, that belong to the same save.</param>
    /// <param name="generationConfig">The bytes of <c>generation_config.json</c>; none to write one with the configuration's ids.</param>
    /// <exception cref="NotSupportedException">The layout cannot hold the configuration.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    /// <exception cref="InvalidOperationException">A weight is finite, but not in the given precision; nothing was written.</exception>
    public static void SaveFolder(
        string folder,
        ModelConfig config,
        IReadOnlyDictionary<string, Tensor> parameters,
        ModelLayout layout,
        WeightPrecision precision,
        long maxShardBytes = DefaultMaxShardBytes,
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? companions = null,
        ReadOnlyMemory<byte> generationConfig = default)
    {
        WeightRange.Check(parameters, precision);
        Directory.CreateDirectory(folder);
        using AtomicFileSet files = new();
        files.Write(Path.Combine(folder, ConfigJson.FileName), stream => ConfigJsonWriter.Write(stream, config, layout, precision));
        files.Write(Path.Combine(folder, ConfigJsonWriter.GenerationFileName), stream =>
        {
            if (generationConfig.IsEmpty)
                ConfigJsonWriter.WriteGeneration(stream, config);
            else
                stream.Write(generationConfig.Span);
        });
        IReadOnlyList<string> written = SafetensorsShards.WriteStored(files, folder, Stored(config, parameters, layout), precision, maxShardBytes);
        foreach ((string name, ReadOnlyMemory<byte> bytes) in companions ?? new Dictionary<string, ReadOnlyMemory<byte>>())
            files.Write(Path.Combine(folder, name), stream => stream.Write(bytes.Span));
        files.Commit();
        foreach (string path in Directory.EnumerateFiles(folder, "model*.safetensors*")
            .Where(path => !written.Contains(Path.GetFileName(path)) && IsShard(Path.GetFileName(path))))
        {
            File.Delete(path);
        }
    }

    /// <summary>Writes a checkpoint that MiniMind's <c>eval_llm.py</c> loads: a dict of all tensors, a tied head included.</summary>
    /// <param name="path">The file, such as <c>dpo_768.pth</c>.</param>
    /// <param name="config">The model's configuration.</param>
    /// <param name="parameters">Its parameters by their checkpoint names; of a tied model without the head.</param>
    /// <param name="precision">The type to write; MiniMind saves <see cref="WeightPrecision.Float16"/>.</param>
    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="InvalidOperationException">A weight is finite, but not in the given precision; nothing was written.</exception>
    public static void SaveCheckpoint(string path, ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters,
        WeightPrecision precision = WeightPrecision.Float16)
    {
        WeightRange.Check(parameters, precision);
        AtomicFileSet.WriteOne(path, stream => PthWriter.Write(stream, Ordered(config, parameters, withTiedHead: true), precision));
    }

    /// <summary>The tensors as a folder's files hold them, in the order of the model.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="parameters">Its parameters by their checkpoint names; of a tied model without the head.</param>
    /// <param name="layout">Whose <c>config.json</c> stands beside them.</param>
    public static IReadOnlyList<StoredTensor> Stored(ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, ModelLayout layout)
    {
        IEnumerable<StoredTensor> tensors = Ordered(config, parameters, withTiedHead: false).Select(StoredTensor.Of);
        return layout == ModelLayout.HuggingFace && ModelFamilies.Of(config) is { FusesProjections: true } ? FusedProjections.Join(tensors) : [.. tensors];
    }

    private static List<KeyValuePair<string, Tensor>> Ordered(ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, bool withTiedHead)
    {
        Dictionary<string, long[]> shapes = ParameterShapes.Of(config);
        string[] strangers = [.. parameters.Keys.Except(shapes.Keys), .. shapes.Keys.Except(parameters.Keys)];
        if (strangers.Length > 0)
            throw new ArgumentException($"The parameters are not those of the configuration: {string.Join(", ", strangers.Take(10))}.", nameof(parameters));
        List<KeyValuePair<string, Tensor>> ordered = [.. shapes.Keys.Select(name => KeyValuePair.Create(name, parameters[name]))];
        if (withTiedHead && config.TieWordEmbeddings)
            ordered.Add(new(StateDictNames.Head, parameters[StateDictNames.Embedding]));
        return ordered;
    }

    // What an earlier save left under names that the new index no longer has would be read by others in place of the new files.
    private static bool IsShard(string name) => name is SafetensorsShards.SingleName or SafetensorsShards.IndexName || SafetensorsShards.Name().IsMatch(name);
}
