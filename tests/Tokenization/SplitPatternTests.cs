using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

public sealed class SplitPatternTests
{
    [Theory]
    [InlineData(KnownSplitPatterns.Gpt2)]
    [InlineData(KnownSplitPatterns.Qwen2)]
    [InlineData(KnownSplitPatterns.Llama3)]
    [InlineData(KnownSplitPatterns.Digit)]
    [InlineData(KnownSplitPatterns.DigitRun)]
    public void Find_KnownPattern_IsItsTranslationCompiled(string pattern) =>
        KnownSplitPatterns.Find(pattern)!.ToString().Should().Be(SplitPatternSyntax.Translate(pattern));

    [Theory]
    [InlineData(KnownSplitPatterns.Gpt2, "I'll 12 a\t\tb  ", "I", "'ll", " 12", " a", "\t", "\t", "b", "  ")]
    [InlineData(KnownSplitPatterns.Gpt2, "I'LL", "I", "'", "LL")]
    [InlineData(KnownSplitPatterns.Qwen2, "I'LL (so)!\n\n 12\n x", "I", "'LL", " (", "so", ")!\n\n", " ", "1", "2", "\n", " x")]
    [InlineData(KnownSplitPatterns.Qwen2, "it'\u017F", "it", "'\u017F")]
    [InlineData(KnownSplitPatterns.Llama3, "1234 ٣٤٥٦", "123", "4", " ", "٣٤٥", "٦")]
    [InlineData("\\p{N}", "\U0001D7D81", "\U0001D7D8", "1")]
    public void Split_Text_GivesTheReferencesWords(string pattern, string text, params string[] words) =>
        Words(new SplitStep(SplitPattern.FromRegex(pattern), SplitBehavior.Isolated, false), text).Should().Equal(words);

    [Theory]
    [InlineData(SplitBehavior.Isolated, "The", "-", "final", "-", "-", "countdown")]
    [InlineData(SplitBehavior.Removed, "The", "final", "countdown")]
    [InlineData(SplitBehavior.MergedWithPrevious, "The-", "final-", "-", "countdown")]
    [InlineData(SplitBehavior.MergedWithNext, "The", "-final", "-", "-countdown")]
    [InlineData(SplitBehavior.Contiguous, "The", "-", "final", "--", "countdown")]
    internal void Split_Behavior_IsTheReferences(SplitBehavior behavior, params string[] words) =>
        Words(new SplitStep(SplitPattern.FromText("-"), behavior, false), "The-final--countdown").Should().Equal(words);

    [Fact]
    public void Split_Inverted_MatchesWhatLiesBetween() =>
        Words(new SplitStep(SplitPattern.FromText("-"), SplitBehavior.Removed, Invert: true), "a-b-c").Should().Equal("-", "-");

    [Theory]
    [InlineData(@"\w+", "escape \\w")]
    [InlineData(@"\p{Han}", "'Han'")]
    [InlineData(@"^a", "'^'")]
    [InlineData(@"a.b", "'.'")]
    [InlineData(@"a++", "possessive")]
    [InlineData(@"[a&&b]", "inside a class")]
    [InlineData(@"[[:alpha:]]", "inside a class")]
    [InlineData(@"(?<name>a)", "group")]
    [InlineData(@"(a", "without ')'")]
    [InlineData(@"a)", "without '('")]
    [InlineData(@"[z-a]", "malformed")]
    [InlineData(@"a{5000}", "braces")]
    [InlineData(@"(?i:ß)", "not ASCII")]
    [InlineData(@"(?i:affix)", "ligature")]
    [InlineData("\U0001D7D8", "multilingual plane")]
    public void FromRegex_WhatTheEnginesReadDifferently_IsRefused(string pattern, string what) =>
        FluentActions.Invoking(() => SplitPattern.FromRegex(pattern)).Should().Throw<FormatException>().WithMessage($"*{what}*");

    private static IEnumerable<string> Words(SplitStep step, string text) => step.Split(text, new EncodingBudget(text.Length)).Select(range => text[range]);
}
