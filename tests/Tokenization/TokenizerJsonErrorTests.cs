using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>What is not supported or malformed in tokenizer.json is an error with key and value, and nothing else ever happens.</summary>
public sealed class TokenizerJsonErrorTests
{
    [Theory]
    [InlineData("version", "\"2.0\"", "*version is \"2.0\"*")]
    [InlineData("truncation", "5", "*truncation is 5; it must be an object*")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"\"}", "*normalizer.precompiled_charsmap is damaged*")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"x\"}", "*normalizer.precompiled_charsmap is damaged*")]
    [InlineData("normalizer", "{\"type\": \"Nmt\"}", "*normalizer.type is \"Nmt\"*NFC*")]
    [InlineData("normalizer", "{\"type\": \"Lowercase\", \"locale\": \"tr\"}", "*normalizer.locale is \"tr\"*")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"\\\\w\"}, \"content\": \"x\"}", "*normalizer.pattern.Regex is \"\\w\"*")]
    [InlineData("normalizer", "{\"type\": \"Prepend\"}", "*normalizer.prepend is missing*")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\"}", "*pre_tokenizer.replacement is missing*")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"ab\"}", "*pre_tokenizer.replacement is \"ab\"*one character*")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"last\"}",
        "*pre_tokenizer.prepend_scheme is \"last\"*\"always\", \"first\" or \"never\"*")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"first\", \"add_prefix_space\": false}",
        "*pre_tokenizer.prepend_scheme is \"first\"*\"never\" where add_prefix_space is false*")]
    [InlineData("pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"ByteLevel\"}, {\"type\": \"Whitespace\"}]}",
        "*pre_tokenizer.pretokenizers[0].type is \"ByteLevel\"*as the last step*")]
    [InlineData("pre_tokenizer", "{\"type\": \"Punctuation\", \"behavior\": \"Gone\"}", "*pre_tokenizer.behavior is \"Gone\"*Isolated*")]
    [InlineData("pre_tokenizer", "{\"type\": \"ByteLevel\", \"add_prefix_space\": 1}", "*pre_tokenizer.add_prefix_space is 1*true or false*")]
    [InlineData("decoder", "{\"type\": \"WordPiece\"}", "*decoder.type is \"WordPiece\"*ByteLevel*")]
    [InlineData("decoder", "null", "*decoder is missing*")]
    [InlineData("decoder", "{\"type\": \"Strip\", \"content\": \"ab\", \"start\": 1, \"stop\": 0}", "*decoder.content is \"ab\"*one character*")]
    [InlineData("decoder", "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Fuse\"}, {\"type\": \"Metaspace\", \"replacement\": \"_\"}]}",
        "*decoder.decoders[1].type is \"Metaspace\" behind ByteFallback, ByteLevel or Fuse*")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\"}", "*post_processor.cls is missing or no list*")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\", \"sep\": [\"a\", 0], \"cls\": [0]}", "*post_processor.cls is no pair*")]
    [InlineData("post_processor", "{\"type\": \"Whatever\"}", "*post_processor.type is \"Whatever\"*")]
    [InlineData("extension", "1", "*extension is not supported*")]
    [InlineData("model", "{\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}, \"merges\": []}", "*model.type is \"WordPiece\"*BPE*")]
    [InlineData("model", "{\"type\": \"Unigram\", \"vocab\": {\"a\": 0}}", "*model.vocab maps tokens to ids*")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": [[\"a\", -1]], \"merges\": []}", "*model.vocab lists tokens with scores*")]
    [InlineData("model", "{\"vocab\": [[\"a\", -1], [\"b\"]]}", "*model.vocab[1] is no pair*")]
    [InlineData("model", "{\"vocab\": [[\"a\", -1], [\"a\", -2]]}", "*model.vocab[1] is 'a', which model.vocab[0] is already*")]
    [InlineData("model", "{\"vocab\": [[\"a\", -1]], \"unk_id\": 1}", "*model.unk_id is 1*")]
    [InlineData("model", "{\"vocab\": []}", "*model.vocab is empty*")]
    [InlineData("model", "{\"vocab\": {\"a\": -1}, \"merges\": []}", "*model.vocab['a'] is no whole number*")]
    [InlineData("model", "{\"vocab\": {\"a\": 4000000000}, \"merges\": []}", "*model.vocab['a'] is no whole number*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1, \"b\": 1}, \"merges\": []}", "*id 1 to 'a' and to 'b'*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1, \"a\": 2}, \"merges\": []}", "*model.vocab['a'] is there twice*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}, \"merges\": [[\"a\", \"b\"]]}", "*model.merges[0] needs 'b'*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}, \"merges\": [\"a b c\"]}", "*model.merges[0] is 'a b c'*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}, \"merges\": [], \"dropout\": 0.1}", "*model.dropout is 0.1*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}, \"merges\": [], \"byte_fallback\": true}", "*model.byte_fallback is true*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}, \"merges\": [], \"end_of_word_suffix\": \"</w>\"}", "*model.end_of_word_suffix is \"</w>\"*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}, \"merges\": [], \"unk_token\": \"<unk>\"}", "*model.unk_token is \"<unk>\"*")]
    [InlineData("model", "{\"vocab\": {}, \"merges\": []}", "*model.vocab is empty*")]
    [InlineData("model", "{\"vocab\": {\"a\": 1}}", "*model.merges is missing*")]
    [InlineData("model", "null", "*model is Null*")]
    [InlineData("added_tokens", "[{\"id\": 9, \"content\": \"\"}]", "*added_tokens[0].content is \"\"*")]
    [InlineData("added_tokens", "[{\"id\": 9, \"content\": \"<x>\"}]", "*added_tokens[0].id is 9*")]
    [InlineData("added_tokens", "[{\"id\": 9, \"content\": \"<x>\", \"colour\": 1}]", "*added_tokens[0].colour*")]
    [InlineData("added_tokens", "7", "*added_tokens is missing or no list*")]
    public void Parse_UnsupportedValue_IsAnErrorThatNamesIt(string key, string value, string message)
    {
        JsonObject json = SmallTokenizer.Json();
        json.Remove(key);
        string text = json.ToJsonString();
        byte[] bytes = Encoding.UTF8.GetBytes($"{text[..^1]},\"{key}\":{value}}}");
        Refusal.Measured(() => HuggingFaceTokenizer.Parse(bytes)).Should().BeOfType<InvalidDataException>().Which.Message.Should().Match(message);
    }

    [Fact]
    public void Parse_UnsupportedPattern_IsAnErrorThatNamesIt()
    {
        JsonObject json = SmallTokenizer.Json();
        json["pre_tokenizer"] = SmallTokenizer.SplitByRegex(@"\w+");
        FluentActions.Invoking(() => SmallTokenizer.Parse(json)).Should().Throw<InvalidDataException>()
            .WithMessage(@"*pre_tokenizer.pretokenizers[0].pattern.Regex is ""\w+""*");
    }

    [Fact]
    public void Encode_PatternThatBacktracksForever_EndsWithAnError()
    {
        JsonObject json = SmallTokenizer.Json();
        json["pre_tokenizer"] = SmallTokenizer.SplitByRegex(@"(a+)+b");
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);
        SplitPattern.FromRegex(@"(a+)+b", TimeSpan.FromMilliseconds(200)).Invoking(pattern => pattern.Segments(new string('a', 60), new EncodingBudget(60)))
            .Should().Throw<InvalidDataException>().WithMessage("*(a+)+b*backtracks*");
        tokenizer.Encode("aab").Should().HaveCount(3);
    }

    [Theory]
    [InlineData("{\"bos_token\": 5}", "*bos_token is 5*")]
    [InlineData("{\"eos_token\": \"\"}", "*empty string*")]
    [InlineData("{\"added_tokens_decoder\": {\"x\": {\"content\": \"a\"}}}", "*added_tokens_decoder has the key 'x'*")]
    [InlineData("{\"added_tokens_decoder\": {\"7\": {\"content\": \"<x>\"}}}", "*added_tokens_decoder.7 is '<x>'*")]
    [InlineData("[]", "*must be an object*")]
    [InlineData("{", "*tokenizer_config.json is malformed*")]
    public void Parse_BadConfig_IsAnErrorThatNamesIt(string config, string message)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(SmallTokenizer.Json());
        Refusal.Measured(() => HuggingFaceTokenizer.Parse(json, Encoding.UTF8.GetBytes(config))).Should().BeOfType<InvalidDataException>().Which.Message
            .Should().Match(message);
    }

    /// <summary>Files whose size or nesting is the attack.</summary>
    public static TheoryData<string, string> LargeFiles => new()
    {
        { "nesting", "*malformed*depth*" },
        { "one key of 60 MB", "*60000000 bytes*" },
        { "spaces", "*malformed*" },
        { "merges without end", "*more than 16 merges*" },
        { "long merges", "*model.merges*20000002 bytes*" },
        { "added tokens", "*added_tokens*" },
        { "more than is read", "*at most 67108864 are read*" },
    };

    [Theory]
    [MemberData(nameof(LargeFiles))]
    public void Parse_HostileSize_IsRefusedSoonWithLittleMemory(string name, string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name switch
        {
            "nesting" => "{\"decoder\":" + new string('[', 30_000_000),
            "one key of 60 MB" => "{\"" + new string('k', 60_000_000) + "\":1}",
            "spaces" => new string(' ', 60_000_000),
            "merges without end" => "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[" + string.Join(
                ',', Enumerable.Repeat("\"b c\"", 1_000_000)) + "]}}",
            "long merges" => "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"" + new string('a', 20_000_000) + " a\"]}}",
            "added tokens" => "{\"added_tokens\":[" + string.Join(',', Enumerable.Repeat("{\"id\":1,\"content\":\"<x>\"}", 500_000)) + "],\"model\":{}}",
            _ => "{\"a\":\"" + new string('a', 64 << 20) + "\"}",
        });

        Refusal.Measured(() => HuggingFaceTokenizer.Parse(bytes)).Should().BeOfType<InvalidDataException>().Which.Message.Should().Match(message)
            .And.Match(m => m.Length < 10_000);
    }

    [Fact]
    public void Parse_TwoThousandMutations_EndInAnErrorOfOneTypeOrATokenizer()
    {
        JsonObject json = SmallTokenizer.Json("<s>", "</s>");
        JsonNode model = json["model"]!;
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        json["pre_tokenizer"] = SmallTokenizer.SplitByRegex(KnownSplitPatterns.Llama3);
        model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Take(12).Select(merge => merge!.DeepClone())]);
        byte[] valid = JsonSerializer.SerializeToUtf8Bytes(json);
        Random random = new(20);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] mutated = Mutate(valid, random);
            Exception? thrown = Refusal.Measured(() =>
            {
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse(mutated);
                tokenizer.Decode(tokenizer.Encode("<s>hello the world 12\n世𝐀</s>")).Should().NotBeNull();
            });
            thrown?.Should().BeOfType<InvalidDataException>("mutation {0} must end clearly", i);
            if (thrown is not null)
                refused++;
        }
        refused.Should().BeInRange(200, 1999, "most mutations break the file, some hit a token that nothing needs");
    }

    private static byte[] Mutate(byte[] valid, Random random)
    {
        byte[] mutated = [.. valid];
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(mutated.Length), length = random.Next(1, 30), end = Math.Min(at + length, mutated.Length);
            mutated = random.Next(6) switch
            {
                0 => [.. mutated[..at], .. mutated[end..]],
                1 => [.. mutated[..end], .. mutated[at..]],
                2 => mutated[..(at + 1)],
                3 => [.. mutated[..at], .. random.GetItems("{}[]\",:0123456789-eE\\untrfalse"u8.ToArray(), 3), .. mutated[at..]],
                _ => [.. mutated[..at], (byte)random.Next(256), .. mutated[(at + 1)..]],
            };
        }
        return mutated;
    }
}
