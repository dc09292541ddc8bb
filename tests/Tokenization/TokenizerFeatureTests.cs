using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Every step that tokenizer.json can ask for, once, against the references.</summary>
public sealed class TokenizerFeatureTests
{
    public static TheoryData<string> Names => [.. TokenizerFeature.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_Feature_GivesTheReferencesIds(string name)
    {
        JsonElement feature = TokenizerFeature.Of(name);
        HuggingFaceTokenizer tokenizer = TokenizerFeature.Tokenizer(feature);
        foreach (JsonElement row in feature.GetProperty("rows").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            tokenizer.Encode(text, feature.GetProperty("around").GetBoolean()).Should().Equal(TokenizerFeature.Ids(row), "the text is {0}",
                JsonSerializer.Serialize(text));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EncodeWithSpans_Feature_GivesTheReferencesRanges(string name)
    {
        // where characters are composed or taken apart, all tokens of a sequence have it whole here; so have byte tokens of one character of several
        bool isCoarser = name.StartsWith("NF", StringComparison.Ordinal) || name is "strip accents" or "unigram, byte fallback" or "compiled rules";
        JsonElement feature = TokenizerFeature.Of(name);
        HuggingFaceTokenizer tokenizer = TokenizerFeature.Tokenizer(feature);
        foreach (JsonElement row in feature.GetProperty("rows").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            int[] codePoints = TokenizerFeature.CodePoints(text);
            int length = codePoints[^1];
            (int Start, int End)[] ours = [.. tokenizer.EncodeWithSpans(text, feature.GetProperty("around").GetBoolean())
                .Select(span => (codePoints[span.Start], codePoints[span.Start + span.Length]))];
            (int Start, int End)[] theirs = [.. row.GetProperty("offsets").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32()))];
            if (!isCoarser)
                ours.Should().Equal(theirs, "the text is {0}", JsonSerializer.Serialize(text));
            else
                ours.Should().NotContain(range => range.Start < 0 || range.Start >= range.End || range.End > length).And.HaveSameCount(theirs);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_Feature_GivesTheReferencesTextAlsoPiecewise(string name)
    {
        JsonElement feature = TokenizerFeature.Of(name);
        HuggingFaceTokenizer tokenizer = TokenizerFeature.Tokenizer(feature);
        foreach ((int[] ids, string decoded) in TokenizerFeature.Decodings(feature))
        {
            tokenizer.Decode(ids).Should().Be(decoded, "the ids are {0}", string.Join(' ', ids));
            TokenizerFeature.Piecewise(tokenizer, ids).Should().Be(decoded, "the ids are {0}", string.Join(' ', ids));
        }
    }

    [Fact]
    public void Append_BytesOfACharacter_ComeOutTogether()
    {
        HuggingFaceTokenizer tokenizer = SmallSentencePiece.With("prepend");
        int[] ids = tokenizer.Encode("world 世", addSpecialTokens: false);
        IncrementalDecoder decoder = new(tokenizer);

        ids.Select(decoder.Append).Should().Equal("world", " ", "", "", "世");
        decoder.Flush().Should().BeEmpty();
    }

    [Fact]
    public void Append_FirstTokenBehindSkippedSpecialOnes_LosesItsSpace()
    {
        HuggingFaceTokenizer tokenizer = SmallSentencePiece.With("prepend");
        int[] ids = [1, .. tokenizer.Encode("the answer"), 2];
        tokenizer.Decode(ids, skipSpecialTokens: true).Should().Be("the answer");
        tokenizer.Decode(ids).Should().Be("<s> the answer</s>", "the first text is the special token's, and has no space");
    }

    [Fact]
    public void TokenBytes_OfSentencePiecesTokens_AreSpacesAndSingleBytes()
    {
        HuggingFaceTokenizer tokenizer = SmallSentencePiece.With("prepend");
        tokenizer.TokenBytes(tokenizer.Encode("world")[0]).ToArray().Should().Equal(" world"u8.ToArray());
        tokenizer.TokenBytes(3 + 0xE4).ToArray().Should().Equal([0xE4]);
    }

    [Fact]
    public void Parse_TruncationAndPadding_AreIgnoredWithANote()
    {
        System.Text.Json.Nodes.JsonObject json = SmallTokenizer.Json();
        SmallTokenizer.Parse(json).Notes.Should().BeEmpty();
        json["truncation"] = new System.Text.Json.Nodes.JsonObject { ["max_length"] = 1, ["strategy"] = "LongestFirst", ["stride"] = 0 };
        json["padding"] = new System.Text.Json.Nodes.JsonObject { ["strategy"] = new System.Text.Json.Nodes.JsonObject { ["Fixed"] = 8 }, ["pad_id"] = 0 };

        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);

        tokenizer.Encode("hello world").Should().HaveCount(2, "neither cut nor padded");
        tokenizer.Notes.Should().SatisfyRespectively(note => note.Should().Contain("truncation"), note => note.Should().Contain("padding"));
    }

    [Fact]
    public void Encode_UnigramWithoutUnknownToken_NamesWhatItDoesNotKnow()
    {
        JsonElement feature = TokenizerFeature.Of("unigram");
        string json = feature.GetProperty("tokenizer").GetRawText().Replace("\"unk_id\":0", "\"unk_id\":null");
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(json));
        tokenizer.Encode("abc").Should().NotBeEmpty();
        tokenizer.Invoking(t => t.Encode("abcx")).Should().Throw<InvalidDataException>().WithMessage("*model.unk_id is missing*'x'*");
    }

    [Fact]
    public void Encode_ReplacementsThatGrowWithoutEnd_AreStopped()
    {
        System.Text.Json.Nodes.JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new System.Text.Json.Nodes.JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new System.Text.Json.Nodes.JsonArray([.. Enumerable.Range(0, 60).Select(_ => new System.Text.Json.Nodes.JsonObject
            {
                ["type"] = "Replace", ["pattern"] = new System.Text.Json.Nodes.JsonObject { ["String"] = "a" }, ["content"] = "aa",
            })]),
        };
        SmallTokenizer.Parse(json).Invoking(t => t.Encode("a")).Should().Throw<InvalidDataException>().WithMessage("*normalizer makes more than*");
    }

    [Fact]
    public void Encode_WholeTextAsOneWord_TakesNoQuadraticTime()
    {
        HuggingFaceTokenizer tokenizer = SmallSentencePiece.With("prepend");
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        tokenizer.Encode(string.Concat(Enumerable.Repeat("world answer user 世 ", 20_000))).Should().HaveCount(20_000 * 7 + 1);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }
}
