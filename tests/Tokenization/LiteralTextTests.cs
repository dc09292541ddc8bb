using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

public sealed class LiteralTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\uFDD0")]
    [InlineData("a\uFDD0\uFDD0b\uFDD0")]
    [InlineData("x\U0001F600\uFDD0")]
    public void Read_OfWhatWriteGives_IsTheTextAndItsLiterals(string text)
    {
        int[] places = [.. Enumerable.Range(0, text.Length).Where(i => i % 2 == 0)];

        LiteralText read = LiteralText.Read(new LiteralText(text, places).Write());

        read.Text.Should().Be(text);
        read.Literals.Should().Equal(Enumerable.Range(0, text.Length).Where(i => i % 2 == 0 || text[i] == LiteralText.Mark));
    }

    [Fact]
    public void Read_MarkBehindEverything_IsLeftOut() => LiteralText.Read("ab\uFDD0").Should().BeEquivalentTo(new LiteralText("ab", []));

    [Theory]
    [InlineData("x\uFDD0<L>", "x<L>", 0)]
    [InlineData("x<\uFDD0L>", "x<L>", 0)]
    [InlineData("x<L\uFDD0>", "x<L>", 0)]
    [InlineData("\uFDD0x<L>", "x<L>", 1)]
    [InlineData("\uFDD0<L> <L>", "<L> <L>", 1)]
    [InlineData("\uFDD0abc", "abc", 0)]
    [InlineData("ab\uFDD0cd", "abcd", 1)]
    [InlineData("caf\uFDD0e\u0303", "caf\u1EBD", 0)]
    [InlineData("cafe\u0303", "caf\u1EBD", 1)]
    public void EncodeRendered_LiteralCharacters_BelongToNoAddedTokenAndToTheirWords(string marked, string decoded, int added)
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        int id = json["model"]!["vocab"]!.AsObject().Count;
        foreach ((string content, string[] flags) in ((string, string[])[])
            [("<L>", ["special"]), ("abc", ["rstrip"]), ("ab", ["special"]), ("bcd", ["normalized"]), ("caf\u1EBD", ["normalized"])])
        {
            json["added_tokens"]!.AsArray().Add(SmallTokenizer.AddedToken(id++, content, flags));
        }

        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);

        int[] ids = tokenizer.EncodeRendered(marked);

        tokenizer.Decode(ids).Should().Be(decoded);
        ids.Count(tokenizer.IsAdded).Should().Be(added, "of {0}", string.Join(' ', tokenizer.Pieces(decoded)));
    }

    [Fact]
    public void EncodeRendered_WordsAroundAMark_AreMergedAsWithout()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With("<|im_end|>");

        tokenizer.EncodeRendered("hel\uFDD0lo world").Should().Equal(tokenizer.Encode("hello world")).And.HaveCount(2);
    }
}
