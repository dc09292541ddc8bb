using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads a safetensors model in several files by its index (<c>model.safetensors.index.json</c>).</summary>
internal sealed class SafetensorsIndexReader : IWeightSource
{
    private const long MaxIndexBytes = 32 << 20;
    private const int MaxShards = 4096;
    private const int Listed = 10;

    private readonly List<SafetensorsReader> _shards = [];

    private SafetensorsIndexReader(string path)
    {
        Path = path;
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
    /// <exception cref="WeightFileException">The index, or a file that it names, is missing or not valid, or they do not agree.</exception>
    public static SafetensorsIndexReader Open(string path) => new(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsReader shard in _shards) shard.Dispose();
    }

    private Dictionary<string, string> ReadIndex()
    {
        long length = new FileInfo(Path).Length;
        if (length > MaxIndexBytes) throw Fail("byte 0", $"the index has {length} bytes; at most {MaxIndexBytes} are allowed");
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllBytes(Path), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
                throw Fail("weight_map", "missing, or not an object of tensor names and file names");
            Dictionary<string, string> files = [];
            foreach (JsonProperty entry in map.EnumerateObject())
            {
                if (entry.Value.ValueKind != JsonValueKind.String) throw Fail($"weight_map '{entry.Name}'", "the value is not a file name");
                files.Add(entry.Name, CheckFileName(entry.Name, entry.Value.GetString()!));
            }
            return files;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Fail("index", $"not valid JSON: {e.Message}", e);
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
        if (names.Length > MaxShards) throw Fail("weight_map", $"names {names.Length} files; at most {MaxShards} are allowed");
        string[] missing = [.. names.Where(name => !File.Exists(System.IO.Path.Combine(folder, name)))];
        if (missing.Length > 0) throw Fail("weight_map", $"{missing.Length} of {names.Length} files are missing: {List(missing)}");

        Dictionary<string, WeightView> tensors = [];
        List<string> faults = [];
        foreach (string name in names)
        {
            SafetensorsReader shard = SafetensorsReader.Open(System.IO.Path.Combine(folder, name));
            _shards.Add(shard);
            foreach ((string tensor, WeightView view) in shard.Tensors)
            {
                if (files.GetValueOrDefault(tensor) == name) tensors.Add(tensor, view);
                else faults.Add($"{name} has '{tensor}', which the index {(files.TryGetValue(tensor, out string? other) ? $"puts into {other}" : "does not name")}");
            }
        }
        faults.AddRange(files.Where(pair => !tensors.ContainsKey(pair.Key)).Select(pair => $"{pair.Value} lacks '{pair.Key}'"));
        if (faults.Count > 0) throw Fail("weight_map", $"the index and its files disagree in {faults.Count} places: {List(faults)}");
        return tensors;
    }

    private static string List(IReadOnlyCollection<string> items) =>
        string.Join("; ", items.Take(Listed)) + (items.Count > Listed ? $"; and {items.Count - Listed} more" : "");

    private WeightFileException Fail(string where, string what, Exception? inner = null) => new(Path, where, what, inner);
}
