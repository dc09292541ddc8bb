using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights.Families;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads a model's <c>config.json</c>: MiniMind's, or that of a family whose architecture is implemented here.</summary>
internal static class ConfigJson
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "config.json";

    /// <summary>The most bytes that a configuration may have.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Whether it may be a link out of its folder.</param>
    /// <exception cref="ModelConfigException">It is not valid JSON, has values that no model can have, or describes another architecture; all faults at
    /// once.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ModelConfig Read(string path, ModelLoadOptions? options = null)
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
    public static ModelConfig Parse(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelConfigException(path, ["the file does not hold a JSON object"]);
            List<string> faults = [];
            ModelConfig? config = Interpret(new ConfigFields(document.RootElement, faults), faults);
            if (config is not null && faults.Count == 0)
                ConfigLimits.CheckTogether(config, faults);
            return config is not null && faults.Count == 0 ? config : throw new ModelConfigException(path, faults);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelConfigException(path, [$"not valid JSON: {e.Message}{Line(json.Span, (e as JsonException)?.LineNumber)}"], e);
        }
    }

    // Python writes NaN and Infinity as bare words; the line shows which key has one.
    private static string Line(ReadOnlySpan<byte> json, long? number)
    {
        if (number is null)
            return "";
        foreach (Range range in json.Split((byte)'\n'))
        {
            if (number-- == 0)
                return $" The line reads: {Encoding.UTF8.GetString(json[range][..Math.Min(200, json[range].Length)]).Trim()}";
        }
        return "";
    }

    private static ModelConfig? Interpret(ConfigFields fields, List<string> faults)
    {
        string? type = fields.Text("model_type");
        string? architecture = type switch
        {
            null or "minimind" => "MiniMindForCausalLM",
            "qwen3" => "Qwen3ForCausalLM",
            "qwen3_moe" => "Qwen3MoeForCausalLM",
            "llama" => "LlamaForCausalLM",
            _ => ModelFamilies.Find(type)?.Architecture,
        };
        if (architecture is null)
        {
            fields.Fault("model_type", $"minimind, qwen3, qwen3_moe, llama, {string.Join(", ", ModelFamilies.All.Select(family => family.ModelType))}");
            return null;
        }
        if (fields.Texts("architectures") is { } architectures && !architectures.Contains(architecture))
            fields.Fault("architectures", $"[\"{architecture}\"] for this model_type");
        if (faults.Count > 0)
            return null;
        if (ModelFamilies.Find(type) is { } family)
            return family.Read(fields);
        if (type is not (null or "minimind"))
            return HuggingFaceConfigReader.Read(fields, type);
        return fields.Has(MiniMind2ConfigReader.Mark) && fields.Unlike(MiniMind2ConfigReader.Mark, "0") is not null ? MiniMind2ConfigReader.Read(fields)
            : MiniMindConfigReader.Read(fields);
    }
}
