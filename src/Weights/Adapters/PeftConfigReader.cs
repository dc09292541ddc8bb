using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling.Adapters;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>Reads PEFT's <c>adapter_config.json</c>, strictly: what is not implemented is refused by its name.</summary>
internal static class PeftConfigReader
{
    /// <summary>The most bytes that the file may have.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The most entries of <c>rank_pattern</c> and <c>alpha_pattern</c>.</summary>
    public const int MaxPatterns = 10_000;

    /// <summary>The most of them that are more than a name.</summary>
    public const int MaxExpressions = 64;

    private const int MostRank = 1 << 16, LongestShown = 60;
    private const double MostAlpha = 1e9;

    // what acts on nothing that is computed here, or only with a key that is refused
    private static readonly HashSet<string> s_free =
    [
        "peft_type", "r", "lora_alpha", "lora_dropout", "target_modules", "task_type", "base_model_name_or_path", "use_rslora", "use_dora", "rank_pattern",
            "alpha_pattern", "bias",
        "fan_in_fan_out", "init_lora_weights", "layers_to_transform", "layers_pattern",
        "inference_mode", "revision", "auto_mapping", "peft_version", "megatron_core", "qalora_group_size",
    ];

    // these take something away from the model's own weights when training begins, and the file does not say what
    private static readonly string[] s_changingStarts = ["pissa", "olora", "corda", "loftq", "lora_ga"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Whether it may be a link out of its folder.</param>
    /// <exception cref="ModelConfigException">It is not valid, or asks for what is not implemented; all faults at once.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PeftConfig Read(string path, ModelLoadOptions? options = null)
    {
        try
        {
            return Parse(ModelFile.Read(path, MaxBytes, options), path);
        }
        catch (InvalidDataException failure)
        {
            throw new ModelConfigException(path, failure);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="path">What messages call it.</param>
    /// <exception cref="ModelConfigException">As <see cref="Read"/>.</exception>
    public static PeftConfig Parse(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelConfigException(path, ["the file does not hold a JSON object"]);
            List<string> faults = [];
            PeftConfig config = Interpret(document.RootElement, new ConfigFields(document.RootElement, faults), faults);
            return faults.Count == 0 ? config : throw new ModelConfigException(path, faults);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new ModelConfigException(path, [$"not valid JSON: {failure.Message}"], failure);
        }
    }

    private static PeftConfig Interpret(JsonElement root, ConfigFields fields, List<string> faults)
    {
        if (fields.Text("peft_type") != "LORA")
            fields.Fault("peft_type", "LORA, the only kind of adapter that is implemented");
        if (fields.Text("task_type") is not (null or "CAUSAL_LM"))
            fields.Fault("task_type", "CAUSAL_LM or null: other tasks have a head of their own");
        if (fields.Text("bias") is not (null or "none"))
            fields.Fault("bias", "none: the models here have no biases");
        if (fields.Flag("fan_in_fan_out", false))
            fields.Fault("fan_in_fan_out", "false: matrices are (output, input) here");
        CheckStart(root, fields);
        foreach (JsonProperty property in root.EnumerateObject().Where(property => !s_free.Contains(property.Name) && !IsNeutral(property.Value)))
            fields.Fault(property.Name, "null or left out: it is not implemented");

        NamePattern? target = TargetPattern(root, fields, faults);
        AdapterConfig config = new()
        {
            Rank = Required("r", fields) ? fields.Integer("r", 1, 1, MostRank) : 1,
            Alpha = Required("lora_alpha", fields) ? fields.Number("lora_alpha", 1, 0, MostAlpha, orEqual: false) : 1,
            Dropout = fields.Number("lora_dropout", 0, 0, 0.999), RankStabilized = fields.Flag("use_rslora", false), Dora = fields.Flag("use_dora", false),
            Targets = target is null ? Targets(root, fields) : LoraTargets.AllLinear.Names, BaseModel = fields.Text("base_model_name_or_path"),
        };
        return new PeftConfig(config, Patterns(root, "rank_pattern", fields, faults, whole: true),
            Patterns(root, "alpha_pattern", fields, faults, whole: false), target, Layers(root, fields));
    }

    private static bool Required(string key, ConfigFields fields)
    {
        if (fields.Has(key))
            return true;
        fields.Fault(key, "a number");
        return false;
    }

    private static void CheckStart(JsonElement root, ConfigFields fields)
    {
        if (!root.TryGetProperty("init_lora_weights", out JsonElement start) || start.ValueKind != JsonValueKind.String)
            return;
        if (s_changingStarts.Any(name => start.GetString()!.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
        {
            fields.Fault("init_lora_weights",
                "true, false, gaussian, eva or orthogonal: with this one the adapter belongs to weights that were changed when training began; save it " +
                    "with path_initial_model_for_weight_conversion");
        }
    }

    private static bool IsNeutral(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };

    private static NamePattern? TargetPattern(JsonElement root, ConfigFields fields, List<string> faults)
    {
        if (!root.TryGetProperty("target_modules", out JsonElement targets) || targets.ValueKind != JsonValueKind.String)
            return null;
        string text = targets.GetString()!;
        return text == "all-linear" ? NamePattern.Any : Pattern("target_modules", text, ofEnds: false, faults);
    }

    private static IReadOnlyList<string> Targets(JsonElement root, ConfigFields fields)
    {
        IReadOnlyList<string>? names = root.TryGetProperty("target_modules", out JsonElement targets) && targets.ValueKind == JsonValueKind.String
            ? [] : fields.Texts("target_modules");
        if (names is null or { Count: 0 } && !(targets.ValueKind == JsonValueKind.String))
            fields.Fault("target_modules", "a list of layers' names, a pattern, or all-linear");
        return names ?? [];
    }

    private static List<KeyValuePair<NamePattern, double>> Patterns(JsonElement root, string key, ConfigFields fields, List<string> faults, bool whole)
    {
        List<KeyValuePair<NamePattern, double>> patterns = [];
        if (!root.TryGetProperty(key, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
            return patterns;
        if (fields.Object(key) is not { } inner)
            return patterns;
        if (found.EnumerateObject().Count() > MaxPatterns)
            fields.Fault(key, $"an object of at most {MaxPatterns} patterns");
        foreach (JsonProperty entry in found.EnumerateObject().Take(MaxPatterns))
        {
            double value = whole ? inner.Integer(entry.Name, 1, 1, MostRank) : inner.Number(entry.Name, 1, 0, MostAlpha, orEqual: false);
            if (Pattern(key, entry.Name, ofEnds: true, faults) is { } pattern)
                patterns.Add(new(pattern, value));
        }
        int expressions = patterns.Count(pattern => pattern.Key.IsExpression);
        if (expressions > MaxExpressions)
            faults.Add($"'{key}' has {expressions} patterns that are more than names; at most {MaxExpressions} are read");
        return patterns;
    }

    private static NamePattern? Pattern(string key, string text, bool ofEnds, List<string> faults)
    {
        try
        {
            return NamePattern.Of(text, ofEnds);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            string shown = text.Length <= LongestShown ? text : text[..LongestShown] + "...";
            faults.Add($"'{key}' has the pattern '{shown}', which is not understood here: {failure.Message}");
            return null;
        }
    }

    private static IReadOnlyList<int>? Layers(JsonElement root, ConfigFields fields)
    {
        if (root.TryGetProperty("layers_pattern", out JsonElement pattern) && pattern.ValueKind != JsonValueKind.Null
            && !(pattern.ValueKind == JsonValueKind.String && pattern.GetString() is "" or "layers")
                && !(pattern.ValueKind == JsonValueKind.Array && pattern.GetArrayLength() == 0))
        {
            fields.Fault("layers_pattern", "null or layers, which is what they are called here");
        }

        if (!root.TryGetProperty("layers_to_transform", out JsonElement layers) || layers.ValueKind == JsonValueKind.Null)
            return null;
        JsonElement[] items = layers.ValueKind == JsonValueKind.Array ? [.. layers.EnumerateArray()] : [layers];
        if (items.All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int number) && number >= 0))
            return [.. items.Select(item => item.GetInt32())];
        fields.Fault("layers_to_transform", "a layer's number, a list of them, or null");
        return null;
    }
}
