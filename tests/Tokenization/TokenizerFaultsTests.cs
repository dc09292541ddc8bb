using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Tokenizers that people train themselves: one error names everything of theirs that is not supported.</summary>
public sealed class TokenizerFaultsTests
{
    [Theory]
    [InlineData("Whitespace")]
    [InlineData("Metaspace")]
    [InlineData("BertPreTokenizer")]
    public void Parse_NfkcWithoutDecoder_NamesAllThree(string preTokenizer)
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "NFKC" };
        json["pre_tokenizer"] = new JsonObject { ["type"] = preTokenizer };
        json["decoder"] = null;

        FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>().WithMessage(
            $"tokenizer.json: 3 things are not supported: normalizer.type is \"NFKC\"; supported: \"NFC\"*; pre_tokenizer.type is \"{preTokenizer}\"; " +
                "supported: \"ByteLevel\"*; decoder is missing; supported: \"ByteLevel\"*ByteLevelBPETokenizer*");
    }

    [Fact]
    public void Parse_UnigramOfSentencePiece_NamesTheModelToo()
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Lowercase" }, new JsonObject { ["type"] = "StripAccents" })
        };
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "WhitespaceSplit" }, new JsonObject { ["type"] = "Punctuation" },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false }),
        };
        json["decoder"] = new JsonObject { ["type"] = "Metaspace" };
        json["model"] = new JsonObject { ["type"] = "Unigram", ["vocab"] = new JsonArray(new JsonArray("a", -1.5)) };

        string message = FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>().Which.Message;

        message.Should().Contain("6 things").And.ContainAll(
            "model", "\"Lowercase\"", "\"StripAccents\"", "\"WhitespaceSplit\"", "\"Punctuation\"", "decoder.type is \"Metaspace\"");
        message.Length.Should().BeLessThan(2000);
    }

    [Fact]
    public void Parse_OneFault_IsSaidAlone()
    {
        JsonObject json = SmallTokenizer.Json();
        json["decoder"] = null;
        FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>()
            .WithMessage("tokenizer.json: decoder is missing; supported: \"ByteLevel\".");
    }

    [Fact]
    public void Parse_PointerOfGitLfs_IsNamed() =>
        FluentActions.Invoking(() => HuggingFaceTokenizer.Parse("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"u8.ToArray())).Should()
            .Throw<InvalidDataException>().WithMessage("*Git LFS pointer*");
}
