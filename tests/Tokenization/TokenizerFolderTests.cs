using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Folders without tokenizer.json: vocab.json with merges.txt, and SentencePiece's tokenizer.model.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, null, KnownSplitPatterns.Gpt2)]
    [InlineData("GPT2Tokenizer", null, KnownSplitPatterns.Gpt2)]
    [InlineData("Qwen2Tokenizer", null, KnownSplitPatterns.Qwen2)]
    [InlineData(null, "qwen2", KnownSplitPatterns.Qwen2)]
    [InlineData(null, "gpt2", KnownSplitPatterns.Gpt2)]
    [InlineData("Qwen2TokenizerFast", "gpt2", KnownSplitPatterns.Qwen2)]
    public void Load_VocabularyAndMerges_SplitsAsItsClassDoes(string? tokenizerClass, string? modelType, string pattern)
    {
        JsonObject json = WriteMergeFiles(tokenizerClass, modelType);
        if (pattern == KnownSplitPatterns.Qwen2)
        {
            json["normalizer"] = new JsonObject { ["type"] = "NFC" };
            json["pre_tokenizer"] = SmallTokenizer.SplitByRegex(pattern);
        }
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(_folder), same = SmallTokenizer.Parse(json);

        foreach (string text in (string[])["hello world 2026", " the\n\nanswer's  is", "cafe\u0301 世"])
        {
            tokenizer.Encode(text).Should().Equal(same.Encode(text));
            tokenizer.Decode(tokenizer.Encode(text)).Should().Be(same.Decode(same.Encode(text)));
        }

        tokenizer.Notes.Should().HaveCount(tokenizerClass is null && modelType is null ? 1 : 0);
        HuggingFaceTokenizer.Parse(tokenizer.TokenizerJson, tokenizer.TokenizerConfigJson).Encode("hello world").Should().Equal(tokenizer.Encode("hello world"),
            "what is saved with a model is a tokenizer.json");
    }

    [Fact]
    public void Load_AddedTokensFile_AddsThem()
    {
        JsonObject json = WriteMergeFiles("GPT2Tokenizer", null);
        int next = json["model"]!["vocab"]!.AsObject().Count;
        Write("added_tokens.json", new JsonObject { ["<b>"] = next + 1, ["<a>"] = next });
        HuggingFaceTokenizer.Load(_folder).Encode("<b>the<a>").Should().Equal([next + 1, .. SmallTokenizer.Parse(json).Encode("the"), next]);
    }

    [Theory]
    [InlineData("RobertaTokenizer", null, "*tokenizer_class is \"RobertaTokenizer\"*GPT2Tokenizer*save_pretrained*")]
    [InlineData(null, "opt", "*config.json: model_type is \"opt\"*tokenizer_class*")]
    public void Load_ClassThatIsNotKnown_IsRefusedByName(string? tokenizerClass, string? modelType, string message)
    {
        WriteMergeFiles(tokenizerClass, modelType);
        FluentActions.Invoking(() => HuggingFaceTokenizer.Load(_folder)).Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Theory]
    [InlineData("vocab.json", "{\"a\"", "vocab.json is malformed*")]
    [InlineData("vocab.json", "", "vocab.json is malformed*")]
    [InlineData("vocab.json", "{\"a\": -1}", "vocab.json and merges.txt, taken over into a tokenizer.json: *model.vocab['a']*")]
    [InlineData("merges.txt", "#version: 0.2\na b c\n", "*model.merges[0] is 'a b c'*")]
    [InlineData("added_tokens.json", "{\"<a>\": \"x\"}", "added_tokens.json: <a> is \"x\"; a token id*")]
    [InlineData("added_tokens.json", "[", "added_tokens.json is malformed*")]
    public void Load_DamagedFile_IsNamed(string file, string content, string message)
    {
        WriteMergeFiles("GPT2Tokenizer", null);
        File.WriteAllText(Path.Combine(_folder, file), content);
        FluentActions.Invoking(() => HuggingFaceTokenizer.Load(_folder)).Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Load_NoFile_NamesAllThatWouldDo() =>
        FluentActions.Invoking(() => HuggingFaceTokenizer.Load(_folder)).Should().Throw<FileNotFoundException>()
            .WithMessage("*tokenizer.json*tokenizer.model*vocab.json with merges.txt*");

    [Fact]
    public void Load_PiecesThatMerge_GivesSentencePiecesIds()
    {
        SmallPieces pieces = new() { Kind = 2, FallsBackToBytes = true };
        pieces.Add("<unk>", 0, 2).Add("<s>", 0, 3).Add("</s>", 0, 3);
        for (int value = 0; value < 256; value++)
            pieces.Add($"<0x{value:X2}>", 0, 6);
        foreach (string text in (string[])["▁t", "he", "▁the", "▁▁", "aa"])
            pieces.Add(text, -pieces.Count, 1);
        foreach (char character in "▁the a")
            pieces.Add(character.ToString().Replace(' ', 'x'), -pieces.Count, 1);
        HuggingFaceTokenizer tokenizer = Load(pieces);

        tokenizer.Tokens("the  he世").Should().Equal("▁the", "▁▁", "he", "<0xE4>", "<0xB8>", "<0x96>");
        tokenizer.Tokens("<s>aaa").Should().Equal("<s>", "▁", "aa", "a");
        tokenizer.Decode(tokenizer.Encode("the  he世")).Should().Be("the  he世");
        (tokenizer.BosToken, tokenizer.EosToken, tokenizer.UnknownToken).Should().Be(("<s>", "</s>", "<unk>"));
        tokenizer.Encode("").Should().BeEmpty();
    }

    [Fact]
    public void Load_PiecesWithProbabilities_GivesTheMostProbable()
    {
        SmallPieces pieces = new() { Kind = 1, RemovesSpaces = true };
        pieces.Add("<unk>", 0, 2).Add("<s>", 0, 3).Add("</s>", 0, 3)
            .Add("▁", -2, 1).Add("▁a", -3, 1).Add("b", -3, 1).Add("a", -3, 1).Add("ab", -5, 1).Add("▁ab", -7, 1).Add("=", 0, 4);
        HuggingFaceTokenizer tokenizer = Load(pieces);

        tokenizer.Tokens("  ab   a \n").Should().Equal(["▁a", "b", "▁a", "▁", "<unk>"], "spaces at the ends and all but one of several are left out");
        tokenizer.Tokens("ab=xyab").Should().Equal(["▁a", "b", "=", "<unk>", "ab"], "a user's symbol is more probable than whatever else");
        tokenizer.Decode(tokenizer.Encode("ab a")).Should().Be("ab a");
    }

    [Theory]
    [InlineData("words", "*trainer_spec.model_type is WORD*UNIGRAM, BPE*")]
    [InlineData("charsmap", "tokenizer.model, taken over into a tokenizer.json*precompiled_charsmap is damaged*")]
    [InlineData("unused", "*piece 1 ('x') is of the type UNUSED*")]
    [InlineData("twice", "*piece 1 is 'a', which piece 0 is already*")]
    [InlineData("space", "*piece 1 ('▁▁') is a user-defined symbol with a space*")]
    [InlineData("none", "*it has no pieces*")]
    [InlineData("nan", "*piece 1 has no text*no finite score*")]
    public void Load_ModelThatIsNotSupported_IsRefusedByName(string what, string message)
    {
        SmallPieces pieces = new() { Kind = what == "words" ? 3 : 2, Charsmap = what == "charsmap" ? [1, 2] : [], Rules = "nmt_nfkc" };
        if (what != "none")
            pieces.Add("a", -1, 1);
        _ = what switch
        {
            "unused" => pieces.Add("x", -1, 5),
            "twice" => pieces.Add("a", -1, 1),
            "space" => pieces.Add("▁▁", -1, 4),
            "nan" => pieces.Add("x", float.NaN, 1),
            _ => pieces,
        };
        FluentActions.Invoking(() => Load(pieces)).Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Fact]
    public void Load_DamagedModels_EndInAnErrorOfOneTypeOrATokenizer()
    {
        SmallPieces pieces = new() { Kind = 2, FallsBackToBytes = true };
        pieces.Add("<unk>", 0, 2).Add("a", -1, 1).Add("b", -2, 1).Add("ab", -3, 1).Add("▁", -4, 1);
        byte[] valid = pieces.ToBytes();
        Random random = new(7);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. valid];
            for (int change = random.Next(1, 4); change > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(Path.Combine(_folder, "tokenizer.model"), damaged[..(random.Next(4) == 0 ? random.Next(damaged.Length) : damaged.Length)]);
            Exception? thrown = Refusal.Measured(() => HuggingFaceTokenizer.Load(_folder).Encode("ab a\n世"));
            thrown?.Should().BeOfType<InvalidDataException>("damage {0} must end clearly", i);
            refused += thrown is null ? 0 : 1;
        }
        refused.Should().BeInRange(100, 999);
    }

    [SkippableTheory]
    [InlineData("llama2")]
    [InlineData("smart")]
    [InlineData("clean")]
    public void Load_RealModel_GivesSentencePiecesIds(string name)
    {
        string root = Environment.GetEnvironmentVariable("MINIMIND_TOKENIZERS") ?? "";
        Skip.If(root.Length == 0, "MINIMIND_TOKENIZERS does not name a folder with tokenizers; eng/check-tokenizers.sh makes one");
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(Path.Combine(root, "pieces", name));
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("tokenizers", "pieces.json")));
        foreach (JsonElement row in golden.RootElement.GetProperty(name).EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            tokenizer.Encode(text, addSpecialTokens: false).Should().Equal(TokenizerFeature.Ids(row), "the text is {0}", JsonSerializer.Serialize(text));
        }
    }

    private HuggingFaceTokenizer Load(SmallPieces pieces)
    {
        File.WriteAllBytes(Path.Combine(_folder, "tokenizer.model"), pieces.ToBytes());
        return HuggingFaceTokenizer.Load(_folder);
    }

    private JsonObject WriteMergeFiles(string? tokenizerClass, string? modelType)
    {
        JsonObject json = SmallTokenizer.Json();
        Write("vocab.json", json["model"]!["vocab"]!);
        IEnumerable<string> merges = json["model"]!["merges"]!.AsArray().Select(merge => $"{merge![0]} {merge[1]}");
        File.WriteAllText(Path.Combine(_folder, "merges.txt"), $"#version: 0.2\n{string.Join('\n', merges)}\n", Encoding.UTF8);
        if (tokenizerClass is not null)
            Write("tokenizer_config.json", new JsonObject { ["tokenizer_class"] = tokenizerClass });
        if (modelType is not null)
            Write("config.json", new JsonObject { ["model_type"] = modelType });
        return json;
    }

    private void Write(string name, JsonNode json) => File.WriteAllText(Path.Combine(_folder, name), json.ToJsonString());
}
