using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Writes a small byte-level tokenizer.json: 256 bytes, some merges, some added tokens.</summary>
internal static class SmallTokenizer
{
    private const string Words = "hello world the answer is user assistant system";

    /// <summary>The file as an object to change.</summary>
    /// <param name="added">Added special tokens; their ids follow the vocabulary's.</param>
    public static JsonObject Json(params string[] added)
    {
        JsonObject vocabulary = new();
        for (int value = 0; value < 256; value++)
            vocabulary.Add(ByteLevelAlphabet.CharacterOf((byte)value).ToString(), value);
        JsonArray merges = new();
        foreach ((string left, string right) in TrainedMerges())
        {
            if (!vocabulary.ContainsKey(left + right))
                vocabulary.Add(left + right, vocabulary.Count);
            merges.Add(new JsonArray(left, right));
        }
        JsonArray addedTokens = new();
        foreach (string content in added)
            addedTokens.Add(AddedToken(vocabulary.Count + addedTokens.Count, content));
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = addedTokens,
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true, ["use_regex"] = true },
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
                ["vocab"] = vocabulary,
                ["merges"] = merges,
            },
        };
    }

    /// <summary>Byte pair training until every word, with and without a space before it, is one token.</summary>
    private static IEnumerable<(string Left, string Right)> TrainedMerges()
    {
        List<List<string>> words = [.. (Words + " ĊĊ ĊĠĠ").Split(' ').SelectMany(word => (string[])[word, "Ġ" + word])
            .Select(word => word.Select(character => character.ToString()).ToList())];
        while (words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).MaxBy(group => group.Count()) is { } best)
        {
            (string left, string right) = best.Key;
            yield return best.Key;
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != left || word[i + 1] != right)
                        continue;
                    word[i] = left + right;
                    word.RemoveAt(i + 1);
                }
            }
        }
    }

    /// <summary>An added token; the flags that are named are true.</summary>
    public static JsonObject AddedToken(int id, string content, params string[] flags)
    {
        JsonObject token = new() { ["id"] = id, ["content"] = content };
        foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized", "special"])
            token[flag] = flags.Contains(flag) || (flag == "special" && flags.Length == 0);
        return token;
    }

    /// <summary>The pre-tokenizer of Qwen and Llama: a split by a pattern, then bytes.</summary>
    public static JsonObject SplitByRegex(string pattern, string behavior = "Isolated", bool invert = false) => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = behavior, ["invert"] = invert },
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false }),
    };

    /// <summary>The tokenizer that a file describes.</summary>
    public static HuggingFaceTokenizer Parse(JsonObject tokenizerJson, JsonObject? tokenizerConfigJson = null) =>
        HuggingFaceTokenizer.Parse(
            JsonSerializer.SerializeToUtf8Bytes(tokenizerJson),
            tokenizerConfigJson is null ? default : JsonSerializer.SerializeToUtf8Bytes(tokenizerConfigJson));

    /// <summary>The small tokenizer with these added special tokens.</summary>
    public static HuggingFaceTokenizer With(params string[] added) => Parse(Json(added));

    /// <summary>The texts of a text's tokens.</summary>
    public static string[] Pieces(this HuggingFaceTokenizer tokenizer, string text) =>
        [.. tokenizer.Encode(text).Select(id => tokenizer.Decode([id]))];
}
