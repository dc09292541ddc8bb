using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads a safetensors model in several files by its index (<c>model.safetensors.index.json</c>).</summary>
internal sealed class SafetensorsIndexReader : IWeightSource
{
    /// <summary>The most bytes that an index may have.</summary>
    public const int MaxIndexBytes = 32 << 20;

    /// <summary>The most files that an index may name.</summary>
    public const int MaxShards = 4096;

    private const int Listed = 10;

    private readonly List<SafetensorsReader> _shards = [];

    private readonly ModelLoadOptions? _options;

    private SafetensorsIndexReader(string path, ModelLoadOptions? options)
    {
        Path = path;
        _options = options;
        try
        {
            Tensors = OpenShards(ReadIndex());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightView> Tensors { get; }

    /// <summary>Opens an index and all files that it names.</summary>
    /// <param name="path">The index.</param>
    /// <param name="options">Whether the files may be links out of the folder.</param>
    /// <exception cref="WeightFileException">The index, or a file that it names, is missing or not valid, or they do not agree.</exception>
    public static SafetensorsIndexReader Open(string path, ModelLoadOptions? options = null) => new(path, options);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsReader shard in _shards)
            shard.Dispose();
    }

    private Dictionary<string, string> ReadIndex()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                ModelFile.Read(Path, MaxIndexBytes, _options), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            {
                throw Fail("weight_map", "missing, or not an object of tensor names and file names");
            }

            Dictionary<string, string> files = [];
            foreach (JsonProperty entry in map.EnumerateObject())
            {
                if (entry.Value.ValueKind != JsonValueKind.String)
                    throw Fail($"weight_map '{entry.Name}'", "the value is not a file name");
                files.Add(entry.Name, CheckFileName(entry.Name, entry.Value.GetString()!));
            }
            return files;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Fail("index", $"not valid JSON: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            throw Fail("file", e.Message, e);
        }
    }

    private string CheckFileName(string tensor, string file)
    {
        bool plain = file.EndsWith(".safetensors", StringComparison.Ordinal) && file.Length <= 255 && !file.Contains("..", StringComparison.Ordinal)
            && file.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
        return plain ? file : throw Fail($"weight_map '{tensor}'", $"'{file}' is not a plain *.safetensors file name beside the index");
    }

    private Dictionary<string, WeightView> OpenShards(Dictionary<string, string> files)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        string[] names = [.. files.Values.Distinct().Order(StringComparer.Ordinal)];
        if (names.Length > MaxShards)
            throw Fail("weight_map", $"names {names.Length} files; at most {MaxShards} are allowed");
        string[] missing = [.. names.Where(name => !System.IO.Path.Exists(System.IO.Path.Combine(folder, name)))];
        if (missing.Length > 0)
            throw Fail("weight_map", $"{missing.Length} of {names.Length} files are missing: {List(missing)}");

        Dictionary<string, WeightView> tensors = [];
        List<string> faults = [];
        foreach (string name in names)
        {
            SafetensorsReader shard = OpenShard(System.IO.Path.Combine(folder, name));
            _shards.Add(shard);
            foreach ((string tensor, WeightView view) in shard.Tensors)
            {
                if (files.GetValueOrDefault(tensor) == name)
                {
                    tensors.Add(tensor, view);
                }
                else
                {
                    faults.Add(
                        $"{name} has '{tensor}', which the index {(files.TryGetValue(tensor, out string? other) ? $"puts into {other}" : "does not name")}");
                }
            }
        }
        faults.AddRange(files.Where(pair => !tensors.ContainsKey(pair.Key)).Select(pair => $"{pair.Value} lacks '{pair.Key}'"));
        if (faults.Count > 0)
            throw Fail("weight_map", $"the index and its files disagree in {faults.Count} places: {List(faults)}");
        return tensors;
    }

    private SafetensorsReader OpenShard(string path)
    {
        try
        {
            ModelFile.Check(path, _options);
        }
        catch (InvalidDataException failure)
        {
            throw new WeightFileException(path, "file", failure.Message, failure);
        }
        return SafetensorsReader.Open(path);
    }

    private static string List(IReadOnlyCollection<string> items) =>
        string.Join("; ", items.Take(Listed)) + (items.Count > Listed ? $"; and {items.Count - Listed} more" : "");

    private WeightFileException Fail(string where, string what, Exception? inner = null) => new(Path, where, what, inner);
}
