using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A tokenizer's files and the chat template, as they go with a saved model.</summary>
internal static class TokenizerFiles
{
    private const string Class = "tokenizer_class", PlainClass = "PreTrainedTokenizerFast";

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The files by their names. The template is in a file of its own, wherever it came from.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>> Of(HuggingFaceTokenizer tokenizer, ChatTemplate template) => new()
    {
        ["tokenizer.json"] = tokenizer.TokenizerJson,
        ["chat_template.jinja"] = Encoding.UTF8.GetBytes(template.Source),
        ["tokenizer_config.json"] = WithClass(tokenizer.TokenizerConfigJson),
    };

    // Without a class transformers takes that of the model's type, which cuts text as that type's models do, whatever tokenizer.json says.
    private static ReadOnlyMemory<byte> WithClass(ReadOnlyMemory<byte> json)
    {
        JsonObject config = json.IsEmpty ? new JsonObject { ["clean_up_tokenization_spaces"] = false } : JsonNode.Parse(json.Span)!.AsObject();
        if (config[Class] is not null)
            return json;
        config[Class] = PlainClass;
        return JsonSerializer.SerializeToUtf8Bytes(config, s_readable);
    }
}
