using System.Diagnostics;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Models;
using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

public sealed class HuggingFaceTokenizerTests
{
    [Fact]
    public void Encode_WordsOfTheVocabulary_MergesThem() =>
        SmallTokenizer.With().Pieces("hello world, the  answer").Should().Equal("hello", " world", ",", " the", " ", " answer");

    [Fact]
    public void Encode_SpecialTokenInTheText_IsOneToken() =>
        SmallTokenizer.With("<|im_end|>").Pieces("the<|im_end|>the").Should().Equal("the", "<|im_end|>", "the");

    [Theory]
    [InlineData("𝐀𝐁", "mathematical letters are letters, though .NET sees surrogates")]
    [InlineData("𠀀世", "Han beyond the basic plane goes with Han within it")]
    public void Split_LettersBeyondTheBasicPlane_AreOneWord(string text, string because)
    {
        SplitStep step = new(SplitPattern.FromRegex(KnownSplitPatterns.Gpt2), SplitBehavior.Isolated, Invert: false);
        step.Split(text, new EncodingBudget(text.Length)).Should().ContainSingle(because);
    }

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With();
        foreach (string text in (string[])["a\uD800b", "a\uDC00b"])
            tokenizer.Encode(text).Should().Equal(tokenizer.Encode("a\uFFFDb"));
    }

    [Fact]
    public void Encode_NfcNormalizer_ComposesInAnyGlobalizationMode()
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);
        tokenizer.Encode("cafe\u0301 \u1112\u1161\u11AB").Should().Equal(tokenizer.Encode("caf\u00E9 \uD55C"));
        tokenizer.EncodeWithSpans("e\u0301").Should().OnlyContain(span => span.Start == 0 && span.Length == 2);
    }

    [Fact]
    public void Encode_AddPrefixSpace_PutsASpaceBeforeEveryPieceThatHasNone()
    {
        JsonObject json = SmallTokenizer.Json("<s>");
        json["pre_tokenizer"]!["add_prefix_space"] = true;
        SmallTokenizer.Parse(json).Pieces("hello<s> world").Should().Equal(" hello", "<s>", " world");
    }

    [Fact]
    public void Encode_TemplateWithBos_PutsItFirstUnlessToldNotTo()
    {
        JsonObject json = SmallTokenizer.Json("<s>");
        int bos = json["added_tokens"]![0]!["id"]!.GetValue<int>();
        json["post_processor"] = JsonNode.Parse(
            $$$"""
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [{{{bos}}}], "tokens": ["<s>"]} } }
            """);
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json);
        tokenizer.Encode("hello")[0].Should().Be(bos);
        tokenizer.Encode("hello").Should().HaveCount(2);
        tokenizer.Encode("hello", addSpecialTokens: false).Should().HaveCount(1);
        tokenizer.EncodeWithSpans("hello")[0].Should().Be(new TokenSpan(bos, 0, 0));
    }

    [Fact]
    public void Encode_IgnoreMerges_TakesAWordThatIsATokenWhole()
    {
        JsonObject json = SmallTokenizer.Json();
        JsonNode model = json["model"]!;
        model["vocab"]!["xyz"] = model["vocab"]!.AsObject().Count;
        SmallTokenizer.Parse(json).Pieces("xyz").Should().Equal("x", "y", "z");
        model["ignore_merges"] = true;
        SmallTokenizer.Parse(json).Pieces("xyz").Should().Equal("xyz");
    }

    [Fact]
    public void Encode_WordTooLongForTheLibrary_GivesTheLibrarysIds()
    {
        JsonObject json = SmallTokenizer.Json();
        Random random = new(5);
        string word = string.Concat(Enumerable.Range(0, 300).Select(_ => random.GetItems("answerthelloworldisusystem世\u00E9".AsSpan(), 1)[0]));
        MergeModel model = (MergeModel)TokenizerJsonReader.Read(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(json)).Model;
        List<int> byLibrary = new();
        new WordEncoder(model).Encode(word, byLibrary);
        List<int> byUs = new();
        new LongWordMerger(model).Encode(word, byUs);
        byUs.Should().Equal(byLibrary);
    }

    [Fact]
    public void Encode_WordOfThreeHundredThousandLetters_TakesNoQuadraticTime()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With();
        Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        tokenizer.Encode(new string('世', 300_000)).Should().HaveCount(900_000);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10), "the library alone would take minutes");
    }

    [Fact]
    public void Encode_ManyThreads_GiveTheSameIds()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With("<s>");
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"<s>hello {i} the answer{i % 7}  is\n{(char)(0x4E00 + i)}")];
        int[][] expected = [.. texts.Select(text => SmallTokenizer.With("<s>").Encode(text))];
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => tokenizer.Encode(texts[i % 200]).Should().Equal(expected[i % 200]));
    }

    [Fact]
    public void Add_MoreWordsThanTheCacheHolds_StaysBounded()
    {
        WordCache cache = new();
        for (int i = 0; i < WordCache.Capacity + 10; i++)
            cache.Add(i.ToString(System.Globalization.CultureInfo.InvariantCulture), [i]);
        cache.Count.Should().BeLessThan(WordCache.Capacity);
        cache.Add(new string('a', WordCache.MaxWordLength + 1), [1]);
        cache.TryGet(new string('a', WordCache.MaxWordLength + 1), out _).Should().BeFalse();
    }

    [Fact]
    public void Decode_UnknownId_IsLeftOut()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With();
        tokenizer.Decode([.. tokenizer.Encode("hello"), tokenizer.VocabularySize + 3]).Should().Be("hello");
        FluentActions.Invoking(() => tokenizer.Decode([-1])).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void TokenBytes_OfTokens_AreTheirBytes()
    {
        HuggingFaceTokenizer tokenizer = SmallTokenizer.With("<｜User｜>");
        tokenizer.TokenBytes(tokenizer.VocabularySize - 1).ToArray().Should().Equal("<｜User｜>"u8.ToArray());
        tokenizer.TokenBytes(0xE4).ToArray().Should().Equal([0xE4], "single bytes come first in this vocabulary");
        tokenizer.TokenBytes(tokenizer.VocabularySize).ToArray().Should().BeEmpty();
    }

    [Fact]
    public void EncodeToIds_AsALibraryTokenizer_CountsAndCuts()
    {
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = SmallTokenizer.With("<s>");
        tokenizer.CountTokens("<s>hello world").Should().Be(3);
        tokenizer.EncodeToIds("<s>hello world", maxTokenCount: 2, out _, out int consumed).Should().HaveCount(2);
        consumed.Should().Be("<s>hello".Length);
        tokenizer.Decode(tokenizer.EncodeToIds("hello 世")).Should().Be("hello 世");
    }

    [Fact]
    public void Parse_Config_NamesTokensAndMakesThemSpecial()
    {
        JsonObject json = SmallTokenizer.Json("<s>");
        int next = json["model"]!["vocab"]!.AsObject().Count + 1;
        JsonObject config = new()
        {
            ["bos_token"] = "<s>",
            ["eos_token"] = new JsonObject { ["__type"] = "AddedToken", ["content"] = "</s>" },
            ["add_bos_token"] = true,
            ["add_eos_token"] = true,
            ["chat_template"] = "{{ messages }}",
        };
        HuggingFaceTokenizer tokenizer = SmallTokenizer.Parse(json, config);
        tokenizer.BosTokenId.Should().Be(next - 1);
        tokenizer.EosTokenId.Should().Be(next, "a special token that the vocabulary lacks is added behind it, as transformers does");
        tokenizer.IsSpecial(next).Should().BeTrue();
        tokenizer.Pieces("the").Should().Equal("<s>", "the", "</s>");
        tokenizer.Decode(tokenizer.Encode("the"), skipSpecialTokens: true).Should().Be("the");
        tokenizer.PadTokenId.Should().BeNull();
    }

    [Fact]
    public void TokenizerJson_AfterParsing_AreTheBytesGiven()
    {
        byte[] json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(SmallTokenizer.Json()), config = "{}"u8.ToArray();
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Parse(json, config);
        tokenizer.TokenizerJson.ToArray().Should().Equal(json);
        tokenizer.TokenizerConfigJson.ToArray().Should().Equal(config);
    }

    [Fact]
    public void Load_FolderWithoutTokenizer_SaysWhatIsMissing()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        FluentActions.Invoking(() => HuggingFaceTokenizer.Load(folder)).Should().Throw<FileNotFoundException>().WithMessage("*tokenizer.json is missing*");
        Directory.Delete(folder);
    }

    [Fact]
    public void Append_CharacterOverThreeTokens_ComesOutWhole()
    {
        IncrementalDecoder decoder = new(SmallTokenizer.With());
        byte[] bytes = "世"u8.ToArray();
        decoder.Append(bytes[0]).Should().BeEmpty();
        decoder.Append(bytes[1]).Should().BeEmpty();
        decoder.Append(bytes[2]).Should().Be("世");
        decoder.Append(bytes[0]).Should().BeEmpty();
        decoder.Flush().Should().Be("\uFFFD");
    }
}
