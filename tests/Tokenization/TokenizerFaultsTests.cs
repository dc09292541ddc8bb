using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Tokenizers that people train themselves: one error names everything of theirs that is not supported.</summary>
public sealed class TokenizerFaultsTests
{
    [Theory]
    [InlineData("BertPreTokenizer")]
    [InlineData("UnicodeScripts")]
    [InlineData("Whitespaces")]
    public void Parse_NmtWithoutDecoder_NamesAllThree(string preTokenizer)
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "Nmt" };
        json["pre_tokenizer"] = new JsonObject { ["type"] = preTokenizer };
        json["decoder"] = null;

        FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>().WithMessage(
            $"tokenizer.json: 3 things are not supported: normalizer.type is \"Nmt\"; supported: \"NFC\"*; pre_tokenizer.type is \"{preTokenizer}\"; " +
                "supported: \"ByteLevel\"*; decoder is missing; *Supported: \"ByteLevel\"*docs/TOKENIZERS.md*");
    }

    [Fact]
    public void Parse_WordPieceOfBert_NamesTheModelToo()
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "BertNormalizer" }, new JsonObject { ["type"] = "Nmt" })
        };
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "BertPreTokenizer" }, new JsonObject { ["type"] = "UnicodeScripts" },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false }),
        };
        json["decoder"] = new JsonObject { ["type"] = "WordPiece" };
        json["model"] = new JsonObject { ["type"] = "WordPiece", ["vocab"] = new JsonObject { ["a"] = 0 } };

        string message = FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>().Which.Message;

        message.Should().Contain("6 things").And.ContainAll(
            "model.type is \"WordPiece\"", "\"BertNormalizer\"", "\"Nmt\"", "\"BertPreTokenizer\"", "\"UnicodeScripts\"", "decoder.type is \"WordPiece\"");
        message.Length.Should().BeLessThan(2000);
    }

    [Fact]
    public void Parse_OneFault_IsSaidAlone()
    {
        JsonObject json = SmallTokenizer.Json();
        json["decoder"] = null;
        FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>()
            .WithMessage("tokenizer.json: decoder is missing; without one the reference puts spaces between all tokens. Supported: \"ByteLevel\"*");
    }

    [Fact]
    public void Parse_PointerOfGitLfs_IsNamed() =>
        FluentActions.Invoking(() => HuggingFaceTokenizer.Parse("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"u8.ToArray())).Should()
            .Throw<InvalidDataException>().WithMessage("*Git LFS pointer*");
}
