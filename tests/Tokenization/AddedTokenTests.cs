using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>How added tokens are found; the expectations are what the Rust library gave for the same file.</summary>
public sealed class AddedTokenTests
{
    [Theory]
    [InlineData("x <L> y", "x", "<L>", " ", "y")]
    [InlineData("x <R> y", "x", " ", "<R>", "y")]
    [InlineData("x \n<LR>\t y", "x", "<LR>", "y")]
    [InlineData("<R>  <L>", "<R>", "<L>")]
    [InlineData("word words sword word", "word", " ", "wor", "d", "s", " ", "s", "wor", "d", " ", "word")]
    [InlineData("word世", "wor", "d", "\uFFFD", "\uFFFD", "\uFFFD")]
    [InlineData("abcd", "abc", "d")]
    [InlineData("abd", "ab", "d")]
    [InlineData("xbcd", "x", "bcd")]
    public void Encode_AddedTokensWithFlags_AreFoundAsTheReferenceFindsThem(string text, params string[] pieces)
    {
        JsonObject json = Small();
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);
        tokenizer.Pieces(text).Should().Equal(pieces);
    }

    [Fact]
    public void EncodeWithSpans_StrippedWhiteSpace_BelongsToTheToken() =>
        SmallTokenizer.Parse(Small()).EncodeWithSpans("x \n<LR>\t y").Select(span => (span.Start, span.Length)).Should().Equal((0, 1), (1, 8), (9, 1));

    [Fact]
    public void Encode_NormalizedToken_IsFoundInTheNormalizedText()
    {
        JsonObject json = Small();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);
        tokenizer.Encode("cafe\u0301!").Should().HaveCount(2);
        tokenizer.Encode("re\u0301!").Should().HaveCountGreaterThan(
            2, "the token that is not normalized is looked for in the text as given, where it is composed");
    }

    [Fact]
    public void Decode_SpecialTokens_AreSkippedOnRequestOnly()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(Small());
        int[] ids = tokenizer.Encode("ab<LR>ab");
        tokenizer.Decode(ids).Should().Be("ab<LR>ab");
        tokenizer.Decode(ids, skipSpecialTokens: true).Should().Be("abab", "<LR> is special, ab is an added token that is not");
    }

    private static JsonObject Small()
    {
        JsonObject json = SmallTokenizer.Json();
        int id = json["model"]!["vocab"]!.AsObject().Count;
        foreach ((string content, string[] flags) in ((string, string[])[])
            [
                ("<L>", ["lstrip"]), ("<R>", ["rstrip"]), ("<LR>", ["lstrip", "rstrip", "special"]), ("word", ["single_word"]),
                    ("ab", ["lstrip", "normalized"]),
                ("abc", ["rstrip"]), ("bcd", ["normalized"]), ("caf\u00E9", ["normalized"]), ("r\u00E9", ["rstrip"]),
            ])
        {
            json["added_tokens"]!.AsArray().Add(SmallTokenizer.AddedToken(id++, content, flags));
        }
        return json;
    }
}
