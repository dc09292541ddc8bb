using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Models;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Writes small tokenizer.json files as SentencePiece's models are converted to: characters, byte tokens, some merges, U+2581 for spaces.</summary>
internal static class SmallSentencePiece
{
    private const string Words = "hello world the answer is user assistant system";

    /// <summary>The ways that Llama 2 and Mistral, newer Llama 2, Metaspace before every piece, and Gemma have.</summary>
    public static readonly string[] Styles = ["prepend", "first", "always", "never"];

    /// <summary>The file as an object to change.</summary>
    /// <param name="style">How spaces are put before a text, one of <see cref="Styles"/>.</param>
    /// <param name="added">Added special tokens; their ids follow the vocabulary's.</param>
    public static JsonObject Json(string style, params string[] added)
    {
        JsonObject vocabulary = new() { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (int value = 0; value < 256; value++)
            vocabulary.Add(ByteTokens.NameOf((byte)value), vocabulary.Count);
        foreach (char character in "▁\n.,:#<>|/_-".Concat(Words.Where(char.IsLetter)).Distinct())
            vocabulary.Add(character.ToString(), vocabulary.Count);
        JsonArray merges = new();
        foreach (string word in (string[])["▁▁", .. Words.Split(' ')])
        {
            for (int length = 2; length <= word.Length; length++)
                Merge(word[..(length - 1)], word[(length - 1)..length]);
        }
        foreach (string word in Words.Split(' '))
            Merge("▁", word);
        JsonArray addedTokens = new([.. ((string[])["<unk>", "<s>", "</s>"]).Select((content, id) => SmallTokenizer.AddedToken(id, content))]);
        foreach (string content in added.Except(["<s>", "</s>"]))
            addedTokens.Add(SmallTokenizer.AddedToken(vocabulary.Count + addedTokens.Count - 3, content));
        bool prepends = style == "prepend", isMetaspace = style is "first" or "always";
        JsonObject replace = new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" };
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = addedTokens,
            ["normalizer"] = isMetaspace ? null : prepends ? new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" }, replace),
            } : replace,
            ["pre_tokenizer"] = isMetaspace ? Metaspace(style) : null,
            ["post_processor"] = null,
            ["decoder"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["decoders"] = new JsonArray(
                [
                    new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
                    new JsonObject { ["type"] = "ByteFallback" }, new JsonObject { ["type"] = "Fuse" },
                    .. style == "never" ? Array.Empty<JsonNode>()
                        : [new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }],
                ]),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = "<unk>",
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = merges,
            },
        };

        void Merge(string left, string right)
        {
            if (vocabulary.ContainsKey(left + right))
                return;
            merges.Add(new JsonArray(left, right));
            vocabulary.Add(left + right, vocabulary.Count);
        }
    }

    /// <summary>A Metaspace section.</summary>
    public static JsonObject Metaspace(string scheme, bool splits = false) =>
        new() { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = splits };

    /// <summary>The tokenizer of a style.</summary>
    public static HuggingFaceTokenizer With(string style, params string[] added) => SmallTokenizer.Parse(Json(style, added));

    /// <summary>The tokens of a text, as tokenizer.json writes them.</summary>
    public static string[] Tokens(this HuggingFaceTokenizer tokenizer, string text) =>
        [.. ((Microsoft.ML.Tokenizers.Tokenizer)tokenizer).EncodeToTokens(text, out _).Select(token => token.Value)];
}
