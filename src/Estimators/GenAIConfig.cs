using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes <c>genai_config.json</c>, by which ONNX Runtime GenAI runs a decoder: its shape, its inputs and outputs, and how it samples.</summary>
internal static class GenAIConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "genai_config.json";

    /// <summary>Writes the file.</summary>
    /// <param name="stream">Receives it.</param>
    /// <param name="model">The name of the ONNX file.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="tokenizer">Its tokenizer, for the token that fills a batch.</param>
    /// <param name="ends">What ends its answers.</param>
    /// <param name="options">How text is generated.</param>
    public static void Write(Stream stream, string model, ModelConfig config, HuggingFaceTokenizer tokenizer, IEnumerable<int> ends, GenerationOptions options)
    {
        int[] ids = [.. ends.Order()];
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("model");
        json.WriteString("type", "decoder");
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("context_length", config.MaxPositions);
        if (config.BosTokenId is { } bos)
            json.WriteNumber("bos_token_id", bos);
        json.WriteStartArray("eos_token_id");
        foreach (int id in ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteNumber("pad_token_id", tokenizer.PadTokenId ?? ids[0]);
        WriteDecoder(json, model, config);
        json.WriteEndObject();
        WriteSearch(json, config, options);
        json.WriteEndObject();
    }

    private static void WriteDecoder(Utf8JsonWriter json, string model, ModelConfig config)
    {
        json.WriteStartObject("decoder");
        json.WriteString("filename", model);
        json.WriteStartObject("session_options");
        json.WriteStartArray("provider_options");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("head_size", config.HeadDim);
        json.WriteNumber("num_attention_heads", config.HeadCount);
        json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
        json.WriteNumber("num_hidden_layers", config.LayerCount);
        WriteNames(json, "inputs", ("input_ids", "input_ids"), ("attention_mask", "attention_mask"), ("past_key_names", "past_key_values.%d.key"),
            ("past_value_names", "past_key_values.%d.value"));
        WriteNames(json, "outputs", ("logits", "logits"), ("present_key_names", "present.%d.key"), ("present_value_names", "present.%d.value"));
        json.WriteEndObject();
    }

    private static void WriteSearch(Utf8JsonWriter json, ModelConfig config, GenerationOptions options)
    {
        bool samples = options.Temperature > 0;
        json.WriteStartObject("search");
        json.WriteNumber("max_length", config.MaxPositions);
        json.WriteBoolean("do_sample", samples);
        json.WriteReal("temperature", samples ? options.Temperature : 1);
        json.WriteReal("top_p", options.TopP);
        json.WriteNumber("top_k", samples ? options.TopK : 1);
        json.WriteReal("repetition_penalty", options.RepetitionPenalty);
        json.WriteBoolean("past_present_share_buffer", false);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string key, params ReadOnlySpan<(string Key, string Name)> names)
    {
        json.WriteStartObject(key);
        foreach ((string meaning, string name) in names)
            json.WriteString(meaning, name);
        json.WriteEndObject();
    }
}
