using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>MiniMind's tokenizer against what the reference's tokenizers give.</summary>
public sealed class ReferenceTokenizationTests
{
    private static readonly Lazy<HuggingFaceTokenizer> s_tokenizer = new(() => HuggingFaceTokenizer.Load(TestFiles.Shared("fetched", "minimind-tokenizer")));

    [SkippableFact]
    public void Encode_VisibleTexts_GivesTheReferencesIds()
    {
        foreach (JsonElement row in Rows("visible.jsonl"))
            s_tokenizer.Value.Encode(Text(row, "text")).Should().Equal(Ids(row), "row {0} has the text {1}", row.GetProperty("id"), Text(row, "text"));
    }

    [SkippableFact]
    public void EncodeWithSpans_VisibleTexts_GivesTheReferencesOffsets()
    {
        foreach (JsonElement row in Rows("visible.jsonl"))
        {
            string text = Text(row, "text");
            int[] codePoints = CodePointPositions(text);
            IEnumerable<(int, int)> spans = s_tokenizer.Value.EncodeWithSpans(text)
                .Select(span => (codePoints[span.Start], codePoints[span.Start + span.Length]));
            IEnumerable<(int, int)> expected = row.GetProperty("offsets_codepoints").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32()));
            spans.Should().Equal(expected, "row {0} has the text {1}", row.GetProperty("id"), text);
        }
    }

    [SkippableTheory]
    [InlineData("visible.jsonl")]
    [InlineData("decode_visible.jsonl")]
    public void Decode_VisibleIds_GivesTheReferencesText(string file)
    {
        foreach (JsonElement row in Rows(file))
        {
            int[] ids = Ids(row);
            s_tokenizer.Value.Decode(ids).Should().Be(Text(row, "decoded"), "row {0}", row.GetProperty("id"));
            s_tokenizer.Value.Decode(ids, skipSpecialTokens: true).Should().Be(Text(row, "decoded_skip_special"), "row {0}", row.GetProperty("id"));
        }
    }

    [SkippableTheory]
    [InlineData("visible.jsonl")]
    [InlineData("decode_visible.jsonl")]
    public void Append_VisibleIdsOneByOne_GivesTheWholeTextInWholeCharacters(string file)
    {
        foreach (JsonElement row in Rows(file))
        {
            IncrementalDecoder decoder = new(s_tokenizer.Value);
            StringBuilder text = new();
            foreach (int id in Ids(row))
            {
                string part = decoder.Append(id);
                part.Should().Be(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(part)), "no half of a surrogate pair comes out alone");
                text.Append(part);
            }
            text.Append(decoder.Flush()).ToString().Should().Be(Text(row, "decoded"), "row {0}", row.GetProperty("id"));
        }
    }

    [SkippableFact]
    public void Load_MiniMindsTokenizer_NamesItsSpecialTokens()
    {
        HuggingFaceTokenizer tokenizer = s_tokenizer.Value;
        tokenizer.VocabularySize.Should().Be(6400);
        (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.PadTokenId, tokenizer.UnknownTokenId).Should().Be((1, 2, 0, 0));
        tokenizer.IsSpecial(2).Should().BeTrue();
        tokenizer.IsSpecial(25).Should().BeFalse("<think> is an added token, but no special one");
    }

    [SkippableFact]
    public void Parse_Llama2PieceList_IsRefusedAsNoTokenizerJson()
    {
        byte[] pieces = File.ReadAllBytes(TestFiles.Shared("fetched", "stories260K", "tok512.json"));
        FluentActions.Invoking(() => HuggingFaceTokenizer.Parse(pieces)).Should().Throw<InvalidDataException>()
            .WithMessage("*StartArray*no Hugging Face tokenizer*");
    }

    private static IEnumerable<JsonElement> Rows(string file) =>
        File.ReadLines(TestFiles.Shared("goldens", "tokenizer", file)).Select(line => JsonDocument.Parse(line).RootElement);

    private static string Text(JsonElement row, string key) => row.GetProperty(key).GetString()!;

    private static int[] Ids(JsonElement row) => [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

    private static int[] CodePointPositions(string text)
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
