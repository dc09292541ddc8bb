using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling.Adapters;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>Writes PEFT's <c>adapter_config.json</c>.</summary>
internal static class PeftConfigWriter
{
    /// <summary>Writes the file to a stream.</summary>
    public static void Write(Stream stream, LowRankAdapter adapter)
    {
        AdapterConfig config = adapter.Config;
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        Patterns(json, "alpha_pattern", adapter.Pairs.Where(pair => pair.Value.Alpha != config.Alpha)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Alpha)));
        json.WriteNull("auto_mapping");
        json.WriteString("base_model_name_or_path", config.BaseModel);
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteBoolean("inference_mode", true);
        json.WriteBoolean("init_lora_weights", true);
        json.WriteNull("layers_pattern");
        json.WriteNull("layers_to_transform"); // the names of the targets say it where only some are adapted
        json.WriteNumber("lora_alpha", config.Alpha);
        json.WriteNumber("lora_dropout", config.Dropout);
        json.WriteNull("modules_to_save");
        json.WriteString("peft_type", "LORA");
        json.WriteNumber("r", config.Rank);
        Patterns(json, "rank_pattern", adapter.Pairs.Where(pair => pair.Value.Rank != config.Rank)
            .Select(pair => KeyValuePair.Create(pair.Key, (double)pair.Value.Rank)));
        json.WriteStartArray("target_modules");
        foreach (string target in config.Targets)
            json.WriteStringValue(target);
        json.WriteEndArray();
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteBoolean("use_dora", config.Dora);
        json.WriteBoolean("use_rslora", config.RankStabilized);
        json.WriteEndObject();
    }

    private static void Patterns(Utf8JsonWriter json, string key, IEnumerable<KeyValuePair<string, double>> values)
    {
        json.WriteStartObject(key);
        foreach ((string module, double value) in values)
            json.WriteNumber(module, value);
        json.WriteEndObject();
    }
}
