using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>A small tokenizer that shows one feature, and what the references make of texts with it (written by eng/check-tokenizers).</summary>
internal static class TokenizerFeature
{
    private static readonly Lazy<JsonElement> s_all = new(() =>
        JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("tokenizers", "features.json"))).RootElement);

    /// <summary>The features' names.</summary>
    public static IEnumerable<string> Names => s_all.Value.EnumerateObject().Select(feature => feature.Name);

    /// <summary>One of them.</summary>
    public static JsonElement Of(string name) => s_all.Value.GetProperty(name);

    /// <summary>Its tokenizer.</summary>
    public static HuggingFaceTokenizer Tokenizer(JsonElement feature) =>
        HuggingFaceTokenizer.Parse(Encoding.UTF8.GetBytes(feature.GetProperty("tokenizer").GetRawText()));

    /// <summary>Lists of ids and the texts that they decode to.</summary>
    public static IEnumerable<(int[] Ids, string Decoded)> Decodings(JsonElement feature) =>
        feature.GetProperty("rows").EnumerateArray().Concat(feature.GetProperty("decodings").EnumerateArray())
            .Select(row => (Ids(row), row.GetProperty("decoded").GetString()!));

    /// <summary>The ids of a row.</summary>
    public static int[] Ids(JsonElement row) => [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

    /// <summary>What a decoder gives that gets one token after the other; no part may hold half a character.</summary>
    public static string Piecewise(HuggingFaceTokenizer tokenizer, int[] ids)
    {
        IncrementalDecoder decoder = new(tokenizer);
        StringBuilder text = new();
        foreach (int id in ids)
        {
            string part = decoder.Append(id);
            part.Should().Be(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(part)), "no half of a surrogate pair comes out alone");
            text.Append(part);
        }
        return text.Append(decoder.Flush()).ToString();
    }

    /// <summary>For every UTF-16 position of a text, and its end, the position in code points.</summary>
    public static int[] CodePoints(string text)
    {
        List<int> positions = new();
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            for (int i = 0; i < rune.Utf16SequenceLength; i++)
                positions.Add(count);
            count++;
        }
        return [.. positions, count];
    }
}
