using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Says what a folder is that holds no model which could be loaded, and what to do.</summary>
internal static class FolderDiagnosis
{
    /// <summary>What is said of a GGUF file.</summary>
    public const string Gguf =
        "this is a GGUF file of llama.cpp, whose weights are packed for inference; take the safetensors of the same model, which its publisher offers too";

    private const string AdapterConfig = "adapter_config.json",
        Other = "save the model as safetensors (model.save_pretrained in Python), or take a safetensors release of it";
    /// <summary>The most bytes of an adapter's configuration that are read to say whose adapter it is.</summary>
    public const int MaxAdapterConfigBytes = 1 << 20;

    private const int MaxEntries = 1000, Listed = 5;

    // What other tools' files end with or are called, what they are, and the way to a model that is read here.
    private static readonly (string Pattern, string Kind, string Remedy)[] s_others =
    [
        (ModelFolder.TorchName + WeightFile.IndexSuffix, "torch weights in several files, which are not read", "save the model as safetensors"),
        ("pytorch_model-*.bin", "torch weights in several files, which are not read", "save the model as safetensors"),
        ("*.gguf", "GGUF weights of llama.cpp, packed for inference", "take the safetensors of the same model, which its publisher offers too"),
        ("ggml-*.bin", "GGML weights of llama.cpp, packed for inference", "take the safetensors of the same model, which its publisher offers too"),
        ("*.onnx", "an ONNX graph", Other),
        ("tf_model*.h5", "TensorFlow weights", Other),
        ("saved_model.pb", "a TensorFlow graph", Other),
        ("flax_model*.msgpack", "Flax weights", Other),
        ("*.mlmodel", "a Core ML model", Other),
        ("*.mlpackage", "a Core ML model", Other),
        ("openvino_model*", "an OpenVINO model", Other),
        ("consolidated*", "weights under the names of Meta's or Mistral's own code",
            "take the release of the model for transformers, whose weights are called model.safetensors"),
        ("pytorch_model_fsdp*", "a checkpoint of FSDP, split over its processes", "merge it with 'accelerate merge-weights'"),
        ("global_step*", "a checkpoint of DeepSpeed, split over its processes", "merge it with the zero_to_fp32.py that lies beside it"),
        ("trainer_state.json", "the state of a trainer (optimizer, schedule) without the model", "give the folder that the trainer saved the model into"),
        ("optimizer.*", "the state of an optimizer without the model", "give the folder that the trainer saved the model into"),
    ];

    /// <summary>The names that weights have in a folder, in the order in which they are looked for.</summary>
    public static IReadOnlyList<string> WeightNames { get; } = [SafetensorsShards.SingleName, SafetensorsShards.IndexName, ModelFolder.TorchName];

    /// <summary>The error for a path that is no folder.</summary>
    public static DirectoryNotFoundException NoFolder(string path)
    {
        if (!Path.Exists(path))
        {
            return new DirectoryNotFoundException(
                $"There is no folder '{path}'. Models are loaded from a folder on disk; where this is a name on a hub, download the model first.");
        }

        if (RegularFile.KindOf(path) is { } kind)
            return new DirectoryNotFoundException($"'{path}' is {kind}, not a model's folder.");
        string remedy = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".gguf" => Gguf,
            ".zip" => "a model that ML.NET saved is loaded with mlContext.Preferences.LoadModel, and another archive is unpacked first",
            ".tar" or ".gz" or ".tgz" or ".xz" or ".zst" or ".7z" => "unpack the archive first",
            ".pth" or ".bin" or ".pt" or ".safetensors" =>
                $"load the folder '{Path.GetDirectoryName(Path.GetFullPath(path))}', or this file with PretrainedModel.LoadCheckpoint",
            _ => $"give the folder that has {ConfigJson.FileName} and the weights",
        };
        return new DirectoryNotFoundException($"'{path}' is a file, not a model's folder: {remedy}.");
    }

    /// <summary>
    /// The error for a folder that holds, whatever weights are there too, something of which they are only a part; <see langword="null"/> for others.
    /// </summary>
    public static WeightFileException? OtherKind(string folder)
    {
        if (Path.Exists(Path.Combine(folder, AdapterConfig)))
            return Adapter(folder);
        string? sentences = ((string[])["modules.json", "config_sentence_transformers.json"]).FirstOrDefault(name => Path.Exists(Path.Combine(folder, name)));
        return sentences is null ? null : new WeightFileException(
            folder, sentences,
                "this is a model of sentence-transformers, which turns texts into vectors; it has no head that writes text. Give the folder of a " +
                "language model");
    }

    /// <summary>The error for a folder without weights.</summary>
    public static IOException NoWeights(string folder)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Take(MaxEntries).Select(entry => Path.GetFileName(entry)!)
            .Order(StringComparer.Ordinal)];
        string wanted = $"'{folder}' has no {string.Join(", ", WeightNames)} or *.pth";
        if (names.Length == 0)
            return new FileNotFoundException($"{wanted}: it is empty. Was the download finished?");
        string[] inside = [.. ModelsBelow(folder)];
        if (inside.Length > 0)
        {
            string which = inside.Length == 1 ? $"The model is in its folder '{inside[0]}'; load that"
                : $"Models are in its folders {Quoted(inside)}; load one of them";
            return new FileNotFoundException($"{wanted}. {which}.");
        }
        foreach ((string pattern, string kind, string remedy) in s_others)
        {
            if (names.FirstOrDefault(name => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name)) is { } found)
            {
                return new WeightFileException(folder, found,
                    $"the folder has {kind}, and no weights that are read here ({string.Join(", ", WeightNames)} or *.pth); {remedy}");
            }
        }
        string[] loose = [.. names.Where(name => Path.GetExtension(name) is ".safetensors" or ".bin" or ".pt" or ".ckpt")];
        if (loose.Length > 0)
        {
            return new FileNotFoundException(
                $"{wanted}. It has {Quoted(loose)}; if that is the model, load it by its path with PretrainedModel.LoadCheckpoint.");
        }

        return new FileNotFoundException($"{wanted}. It has {Quoted(names)}.");
    }

    private static WeightFileException Adapter(string folder)
    {
        (string? kind, string? name) = ReadAdapter(Path.Combine(folder, AdapterConfig));
        string target = name is null ? "a base model that it does not name" : $"the base model '{name}'";
        return new WeightFileException(folder, AdapterConfig,
            $"this is an adapter{(kind is null ? "" : $" ({kind})")} for {target} (base_model_name_or_path), not a whole model. " + (kind is null or "LORA"
            ? "Load the base, and give it the adapter: baseModel.WithAdapter(LoraAdapter.Load(folder))"
            : "Merge the two once in Python, with PeftModel.from_pretrained(base, adapter).merge_and_unload().save_pretrained(folder), and load that " +
                "folder, with the tokenizer's files of the base in it; or load the base itself"));
    }

    private static (string? Kind, string? Base) ReadAdapter(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(RegularFile.ReadAllBytes(path, MaxAdapterConfigBytes));
            return (Text(document.RootElement, "peft_type"), Text(document.RootElement, "base_model_name_or_path"));
        }
        catch (Exception failure) when (failure is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }

    private static string? Text(JsonElement root, string key) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(key, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // One level down, and for a folder of Hugging Face's cache the two to its snapshots.
    private static IEnumerable<string> ModelsBelow(string folder)
    {
        string snapshots = Path.Combine(folder, "snapshots");
        foreach (string parent in Directory.Exists(snapshots) ? (string[])[folder, snapshots] : [folder])
        {
            foreach (string inside in Directory.EnumerateDirectories(parent).Take(MaxEntries).Order(StringComparer.Ordinal))
            {
                if (WeightNames.Any(name => Path.Exists(Path.Combine(inside, name))) || Path.Exists(Path.Combine(inside, AdapterConfig)))
                    yield return Path.GetRelativePath(folder, inside);
            }
        }
    }

    private static string Quoted(string[] names) =>
        string.Join(", ", names.Take(Listed).Select(name => $"'{name}'")) + (names.Length > Listed ? $" and {names.Length - Listed} more" : "");
}
