using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class TokenizeConversationsTests
{
    private const string Text = "<|im_start|>hello world<|im_end|>";

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Transform_ShortText_GivesTheTokenizersIds() =>
        Tokenize(Text, 1024).Should().Equal(SmallChat.Tokenizer.Encode(Text)).And.HaveCount(4);

    [Theory]
    [InlineData(TruncationPolicy.KeepStart, new[] { 0, 1, 2 })]
    [InlineData(TruncationPolicy.KeepEnd, new[] { 1, 2, 3 })]
    [InlineData(TruncationPolicy.Drop, new int[0])]
    public void Transform_LongText_IsCutByThePolicy(TruncationPolicy policy, int[] kept)
    {
        int[] all = SmallChat.Tokenizer.Encode(Text);

        Tokenize(Text, 3, policy).Should().Equal(kept.Select(i => all[i]));
    }

    [Fact]
    public void Transform_LongTextMustFit_NamesRowColumnAndLengths() =>
        FluentActions.Invoking(() => Tokenize(Text, 3, TruncationPolicy.Fail)).Should().Throw<InvalidOperationException>()
            .WithMessage("Row 0, column 'ChosenText' ('<|im_start|>hello*'): *4 tokens*3*");

    [Fact]
    public void Transform_TokenizerThatFramesTexts_AddsNothing()
    {
        JsonObject json = SmallTokenizer.Json("<|im_start|>", "<|im_end|>");
        HuggingFaceTokenizer framing = SmallTokenizer.Parse(json, new JsonObject { ["bos_token"] = "<|im_start|>", ["add_bos_token"] = true });
        framing.Encode("hello").Should().HaveCount(2, "it puts the bos token first");

        Tokenize("hello", 10, tokenizer: framing).Should().HaveCount(1, "the chat template has written what belongs there");
    }

    [Fact]
    public void Transform_EmptyText_IsNoToken() => Tokenize("", 10).Should().BeEmpty();

    [Fact]
    public void TokenizeConversations_WrongArguments_Throws()
    {
        FluentActions.Invoking(() => Tokenize(Text, 0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*at least 1*");
        FluentActions.Invoking(() => Tokenize(Text, 1, (TruncationPolicy)9)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*one of KeepStart*");
    }

    [Theory]
    [InlineData("Count", " ")]
    [InlineData("", "Count")]
    [InlineData("Count")]
    [InlineData("A", "B", "C")]
    public void TokenizeConversations_CountColumnsThatAreNotOneForEach_AreRefused(params string[] counts) =>
        FluentActions.Invoking(() => Counting(counts)).Should().Throw<ArgumentException>()
            .WithMessage($"There are {counts.Length} names of count columns for 2 columns of tokens*");

    [Fact]
    public void TokenizeConversations_CountColumns_TellTheTokensBeforeTheCut()
    {
        IDataView counted = Counting("C", "R").Transform(_context.Data.LoadFromEnumerable([new TextRow { ChosenText = Text, RejectedText = "hello" }]));

        counted.GetColumn<int>("C").Should().Equal(4);
        counted.GetColumn<int>("R").Should().Equal(1);
        counted.GetColumn<int[]>("Chosen").Single().Should().HaveCount(3);
        Counting().Transform(_context.Data.LoadFromEnumerable([new TextRow { ChosenText = Text }])).Schema.GetColumnOrNull("C").Should().BeNull();
    }

    private static TokenizeConversationsTransformer Counting(params string[] counts) => new(SmallChat.Tokenizer,
        new TokenizeConversationsSettings([new("Chosen", "ChosenText"), new("Rejected", "RejectedText")], 3, TruncationPolicy.KeepStart, CountColumns: counts));

    private int[] Tokenize(string text, int maxLength, TruncationPolicy truncation = TruncationPolicy.KeepStart, HuggingFaceTokenizer? tokenizer = null)
    {
        IDataView data = _context.Data.LoadFromEnumerable([new TextRow { ChosenText = text }]);
        return _context.Transforms.TokenizeConversations(tokenizer ?? SmallChat.Tokenizer, [new("Tokens", "ChosenText")], maxLength, truncation)
            .Fit(data).Transform(data).GetColumn<int[]>("Tokens").Single();
    }
}
