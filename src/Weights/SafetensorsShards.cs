using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes a model's safetensors files into a folder: one, or several with an index when one would be too large.</summary>
/// <remarks>File names as transformers gives them.</remarks>
internal static partial class SafetensorsShards
{
    /// <summary>The one file's name.</summary>
    public const string SingleName = "model.safetensors";

    /// <summary>The index's name.</summary>
    public const string IndexName = "model.safetensors.index.json";

    /// <summary>Adds the files to a set, the index last.</summary>
    /// <param name="files">Commits them.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="precision">The type to write.</param>
    /// <param name="maxShardBytes">The most bytes of tensors in one file; a single larger tensor gets a file of its own.</param>
    /// <returns>The names of the files.</returns>
    public static IReadOnlyList<string> Write(
        AtomicFileSet files, string folder, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, WeightPrecision precision, long maxShardBytes) =>
        WriteStored(files, folder, [.. tensors.Select(StoredTensor.Of)], precision, maxShardBytes);

    /// <summary>The same for tensors of several parts.</summary>
    public static IReadOnlyList<string> WriteStored(AtomicFileSet files, string folder, IReadOnlyList<StoredTensor> tensors, WeightPrecision precision,
        long maxShardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        int elementSize = ElementTypes.Size(precision.ToScalarType());
        List<List<StoredTensor>> shards = Divide(tensors, elementSize, maxShardBytes);
        if (shards.Count == 1)
        {
            files.Write(Path.Combine(folder, SingleName), stream => SafetensorsWriter.WriteStored(stream, tensors, precision));
            return [SingleName];
        }
        string[] names = [.. shards.Select((_, i) => $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors")];
        for (int i = 0; i < names.Length; i++)
        {
            List<StoredTensor> shard = shards[i];
            files.Write(Path.Combine(folder, names[i]), stream => SafetensorsWriter.WriteStored(stream, shard, precision));
        }
        long total = tensors.Sum(tensor => tensor.Elements * elementSize);
        files.Write(Path.Combine(folder, IndexName), stream => WriteIndex(stream, shards, names, total));
        return [.. names, IndexName];
    }

    /// <summary>The names of the files when there are several.</summary>
    [GeneratedRegex(@"\Amodel-[0-9]{5,}-of-[0-9]{5,}\.safetensors\z", RegexOptions.CultureInvariant)]
    public static partial Regex Name();

    private static List<List<StoredTensor>> Divide(IReadOnlyList<StoredTensor> tensors, int elementSize, long maxShardBytes)
    {
        List<List<StoredTensor>> shards = [[]];
        long bytes = 0;
        foreach (StoredTensor tensor in tensors)
        {
            long size = tensor.Elements * elementSize;
            if (shards[^1].Count > 0 && bytes + size > maxShardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }
            shards[^1].Add(tensor);
            bytes += size;
        }
        return shards;
    }

    private static void WriteIndex(Stream stream, List<List<StoredTensor>> shards, string[] names, long total)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", total);
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        for (int i = 0; i < names.Length; i++)
        {
            foreach (StoredTensor tensor in shards[i])
                json.WriteString(tensor.Name, names[i]);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
