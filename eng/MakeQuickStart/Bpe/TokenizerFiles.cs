using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MakeQuickStart.Bpe;

/// <summary>Writes a vocabulary as the two files that Hugging Face's tokenizers read.</summary>
internal static class TokenizerFiles
{
    // Message by message: role and content between ChatML's marks; then, on demand, the opening of the answer to come.
    private const string ChatTemplate =
        "{%- for message in messages %}\n" +
        "    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}\n" +
        "{%- endfor %}\n" +
        "{%- if add_generation_prompt %}\n" +
        "    {{- '<|im_start|>assistant\\n' }}\n" +
        "{%- endif %}";

    private static readonly JsonSerializerOptions s_options =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes tokenizer.json and tokenizer_config.json into a folder.</summary>
    public static void Write(string folder, Vocabulary vocabulary)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "tokenizer.json"), Tokenizer(vocabulary));
        Write(Path.Combine(folder, "tokenizer_config.json"), Config());
    }

    private static JsonObject Tokenizer(Vocabulary vocabulary) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. SpecialTokens.All.Select((token, id) => AddedToken(token, id))]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = ByteLevel(),
        ["post_processor"] = null,
        ["decoder"] = ByteLevel(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(vocabulary.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. vocabulary.Merges.Select(merge => new JsonArray(merge.Left, merge.Right))]),
        },
    };

    private static JsonObject Config() => new()
    {
        ["tokenizer_class"] = "PreTrainedTokenizerFast",
        ["add_bos_token"] = false,
        ["add_eos_token"] = false,
        ["add_prefix_space"] = false,
        ["clean_up_tokenization_spaces"] = false,
        ["bos_token"] = SpecialTokens.Begin,
        ["eos_token"] = SpecialTokens.End,
        ["pad_token"] = SpecialTokens.Padding,
        ["unk_token"] = SpecialTokens.Padding,
        ["model_max_length"] = 32768,
        ["added_tokens_decoder"] = new JsonObject(SpecialTokens.All.Select((token, id) => KeyValuePair.Create(id.ToString(), (JsonNode?)AddedToken(token)))),
        ["chat_template"] = ChatTemplate,
    };

    private static JsonObject ByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    private static JsonObject AddedToken(string content, int? id = null)
    {
        JsonObject token = id is null ? [] : new() { ["id"] = id };
        token["content"] = content;
        foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            token[flag] = false;
        token["special"] = true;
        return token;
    }

    private static void Write(string path, JsonObject json) => File.WriteAllText(path, json.ToJsonString(s_options) + "\n");
}
