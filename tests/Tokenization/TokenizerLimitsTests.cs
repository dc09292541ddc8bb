using System.Diagnostics;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>
/// What a tokenizer.json may ask of the machine: too many or too large patterns and steps are refused soon and by name, and a text's time is bounded.
/// </summary>
public sealed class TokenizerLimitsTests
{
    /// <summary>Pre-tokenizers that are too much, with what the error says.</summary>
    public static TheoryData<string, string> TooMuch => new()
    {
        { "300,000 alternatives", "*pre_tokenizer.pretokenizers[0].pattern.Regex is \"word0|word1|*3188889 characters*at most 4096*" },
        { "text of a million", "*pattern.String is \"xxxx*1000000 characters*" },
        { "2,000 steps", "*one of more than 64 steps*" },
        { "2,000 steps in sequences", "*one of more than 64 steps*" },
        { "2,000 normalizers", "*normalizer*one of more than 64 steps*" },
        { "2,000 processors", "*post_processor.processors has 2000 steps; at most 64*" },
        { "patterns together", "*together have more than 16384 characters*" },
        { "nested repetitions", "*repetitions that make more than 10000 elements*" },
        { "repeated alternatives", "*repetitions that make more than 10000 elements*" },
        { "ids around a text", "*puts more than 256 ids around a text*" },
        { "70,000 added tokens", "*added_tokens*one of more than 65536 added tokens*" },
        { "long added tokens", "*added_tokens*longer than 2097152 characters*" },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public void Parse_TooMuch_IsRefusedSoonByName(string name, string message)
    {
        JsonObject json = SmallTokenizer.Json();
        int next = json["model"]!["vocab"]!.AsObject().Count;
        JsonArray Tokens(int count, Func<int, string> content) =>
            new([.. Enumerable.Range(0, count).Select(i => SmallTokenizer.AddedToken(next + i, content(i)))]);
        switch (name)
        {
            case "300,000 alternatives":
                json["pre_tokenizer"] = SmallTokenizer.SplitByRegex(string.Join('|', Enumerable.Range(0, 300_000).Select(i => $"word{i}")));
                break;
            case "text of a million":
                json["pre_tokenizer"] = Steps(new JsonObject { ["String"] = new string('x', 1_000_000) });
                break;
            case "2,000 steps":
                json["pre_tokenizer"] = Steps([.. Enumerable.Range(0, 2000).Select(_ => new JsonObject { ["Regex"] = "a" })]);
                break;
            case "2,000 steps in sequences":
                json["pre_tokenizer"] = new JsonObject
                {
                    ["type"] = "Sequence",
                    ["pretokenizers"] = new JsonArray([.. Enumerable.Range(0, 1000).Select(_ => Steps(new JsonObject { ["Regex"] = "a" }))]),
                };
                break;
            case "2,000 normalizers":
                json["normalizer"] = new JsonObject
                {
                    ["type"] = "Sequence",
                    ["normalizers"] = new JsonArray([.. Enumerable.Range(0, 2000).Select(_ => new JsonObject { ["type"] = "NFC" })])
                };
                break;
            case "2,000 processors":
                json["post_processor"] = new JsonObject
                {
                    ["type"] = "Sequence",
                    ["processors"] = new JsonArray(
                        [.. Enumerable.Range(0, 2000).Select(
                        _ => new JsonObject { ["type"] = "ByteLevel", ["trim_offsets"] = false, ["add_prefix_space"] = false })]),
                };
                break;
            case "patterns together":
                json["pre_tokenizer"] = Steps([.. Enumerable.Range(0, 8).Select(i => new JsonObject { ["String"] = new string((char)('a' + i), 4000) })]);
                break;
            case "nested repetitions":
                json["pre_tokenizer"] = SmallTokenizer.SplitByRegex(@"((\p{L}{1,100}){1,100}){1,100}x");
                break;
            case "repeated alternatives":
                json["pre_tokenizer"] = SmallTokenizer.SplitByRegex($"(?:{string.Join('|', Enumerable.Range(0, 400).Select(i => $"a{i}"))}){{1,1000}}");
                break;
            case "ids around a text":
                json["post_processor"] = new JsonObject
                {
                    ["type"] = "TemplateProcessing",
                    ["single"] = new JsonArray(
                    [
                        .. Enumerable.Range(0, 300).Select(_ => new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "a", ["type_id"] = 0 } }),
                        new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } },
                    ]),
                    ["pair"] = new JsonArray(),
                    ["special_tokens"] = new JsonObject
                    {
                        ["a"] =
                        new JsonObject { ["id"] = "a", ["ids"] = new JsonArray(5), ["tokens"] = new JsonArray("a") }
                    },
                };
                break;
            case "70,000 added tokens":
                json["added_tokens"] = new JsonArray(
                    [.. Enumerable.Range(0, 70_000).Select(i => new JsonObject { ["id"] = next + i, ["content"] = $"<{i}>" })]);
                break;
            default:
                json["added_tokens"] = Tokens(2500, i => $"{i:D4}{new string('x', 990)}");
                break;
        }
        byte[] bytes = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(json);

        Refusal.Measured(() => HuggingFaceTokenizer.Parse(bytes)).Should().BeOfType<InvalidDataException>().Which.Message.Should().Match(message)
            .And.Match(m => m.Length < 10_000);
    }

    /// <summary>The worst that is allowed still loads soon.</summary>
    [Theory]
    [InlineData(@"(?:{0})", 600, "alternatives without look-around")]
    [InlineData(@"(?:{0})(?!x)", 600, "alternatives with look-around")]
    [InlineData(@"(?:{0}){{1,2}}(?!x)", 600, "repeated alternatives")]
    public void Parse_LargestPatternThatIsTaken_LoadsAndSplitsSoon(string frame, int alternatives, string because)
    {
        string pattern = string.Format(frame, string.Join('|', Enumerable.Range(0, alternatives).Select(i => $"w{i}y")));
        pattern.Length.Should().BeInRange(3000, TokenizerLimits.PatternCharacters);
        Exception? thrown = Refusal.Measured(() =>
        {
            SplitPattern split = SplitPattern.FromRegex(pattern);
            string text = string.Concat(Enumerable.Range(0, 2000).Select(i => $"w{i}y "));
            split.Segments(text, new EncodingBudget(text.Length)).Should().NotBeEmpty();
        });
        thrown.Should().BeNull(because);
    }

    [Fact]
    public void Matches_ManySlowMatches_EndWithTheTextsTime()
    {
        SplitPattern slow = SplitPattern.FromRegex("(?:aa|a){1,18}x|[a ]");
        string text = string.Concat(Enumerable.Repeat(new string('a', 30) + " ", 10_000));
        Stopwatch watch = Stopwatch.StartNew();

        FluentActions.Invoking(() => slow.Segments(text, new EncodingBudget(text.Length, TimeSpan.FromMilliseconds(5)))).Should().Throw<InvalidDataException>()
            .WithMessage("*310000 characters takes longer than 0.005 s*(?:aa|a){1,18}x|[a ]*");

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(TokenizerLimits.MatchSeconds + 20), "one match may take its own time, and the machine be busy");
    }

    [Theory]
    [InlineData("the search for added tokens")]
    [InlineData("the pre-tokenizer's pattern")]
    public void Encode_TimeThatIsOver_NamesWhatWasAtWork(string culprit)
    {
        EncodingBudget spent = new(2_500_000, TimeSpan.FromTicks(-1));
        SplitPattern pattern = SplitPattern.FromRegex("a|b");
        AddedTokenMatcher matcher = AddedTokenMatcher.For([("a", new AddedToken(1, "a", false, false, false, false, false))])!;
        int from = 0;
        Action act = culprit.Contains("added") ? () => matcher.TryNext(new TextPiece("ba", 0), default, ref from, 0, spent, out _) : () =>
            pattern.Segments("ab", spent);

        act.Should().Throw<InvalidDataException>().WithMessage($"*2500000 characters*{culprit}*");
    }

    [Theory]
    [InlineData(KnownSplitPatterns.Gpt2)]
    [InlineData(KnownSplitPatterns.Llama3)]
    [InlineData(KnownSplitPatterns.Qwen2)]
    public void FromRegex_KnownPattern_KeepsItsOwnCodeAndIsNotTimed(string pattern)
    {
        SplitPattern known = SplitPattern.FromRegex(pattern);
        known.Segments("It's 12", new EncodingBudget(7, TimeSpan.FromTicks(-1))).Should()
            .NotBeEmpty("looking at the clock for each word would cost them time for nothing");
    }

    private static JsonObject Steps(params JsonObject[] patterns) => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
        [
            .. patterns.Select(pattern => new JsonObject { ["type"] = "Split", ["pattern"] = pattern, ["behavior"] = "Isolated", ["invert"] = false }),
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false },
        ]),
    };
}
