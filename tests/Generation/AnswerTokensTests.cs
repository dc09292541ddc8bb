using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Which prompts are taken, how long an answer grows, and what it remembers of its tokens.</summary>
public class AnswerTokensTests
{
    private const int Vocabulary = 4;

    [Theory]
    [InlineData(0)]
    [InlineData(Vocabulary - 1)]
    public void New_IdOfTheVocabulary_IsTaken(int id) => Begin([1, id, 2]).Sequence.ToArray().Should().Equal(1, id, 2);

    [Theory]
    [InlineData(-1)]
    [InlineData(Vocabulary)]
    [InlineData(int.MaxValue)]
    public void New_IdOutsideTheVocabulary_IsRefusedByIt(int id) => FluentActions.Invoking(() => Begin([1, id, 2])).Should().Throw<ArgumentException>()
        .WithMessage($"The prompt has token id {id}, but the model's vocabulary has {Vocabulary} entries*");

    [Fact]
    public void New_EmptyPrompt_IsRefused() =>
        FluentActions.Invoking(() => Begin([])).Should().Throw<ArgumentException>().WithMessage("The prompt has no token*");

    [Theory]
    [InlineData(ContextOverflow.Refuse, "*DropOldestTurns*")]
    [InlineData(ContextOverflow.DropOldestTurns, "*No turn is left*")]
    public void New_PromptThatFillsTheContext_IsRefusedWithAWayOut(ContextOverflow overflow, string advice)
    {
        GenerationOptions options = GenerationOptions.Greedy with { Overflow = overflow };

        FluentActions.Invoking(() => Begin([1, 2, 3], options, context: 3)).Should().Throw<ArgumentException>()
            .WithMessage("The prompt has 3 tokens, which leaves no room for an answer in the model's context of 3.*").WithMessage(advice);
    }

    [Fact]
    public void New_OptionsThatAreNotValid_AreRefused() =>
        FluentActions.Invoking(() => Begin([1], GenerationOptions.Greedy with { TopK = -1 })).Should().Throw<ArgumentException>().WithMessage("*TopK*");

    [Theory]
    [InlineData(9, 3, 1)] // what the context leaves
    [InlineData(9, 6, 4)]
    [InlineData(2, 6, 2)] // what the options say
    public void Add_UntilItIsFull_TakesTheFewerOfContextAndOptions(int most, int context, int expected)
    {
        AnswerTokens answer = Begin([1, 2], GenerationOptions.Greedy with { MaxNewTokens = most }, context);

        while (!answer.IsFull)
            answer.Add([0, 0, 0, 5]);

        answer.Count.Should().Be(expected);
        answer.Sequence.ToArray().Should().Equal([1, 2, .. Enumerable.Repeat(3, expected)]);
    }

    [Fact]
    public void Add_TokensOfTheAnswer_CountForTheirPenalty()
    {
        AnswerTokens answer = Begin([0, 0, 0], GenerationOptions.Greedy with { FrequencyPenalty = 1 });

        // 0 stands in the prompt and costs nothing at first; then it loses 1 for each time that it was picked
        int[] picked = [.. Enumerable.Range(0, 5).Select(_ => answer.Add([10, 8.5f, 0, 0]))];

        picked.Should().Equal(0, 0, 1, 0, 1);
    }

    [Fact]
    public void Add_TokensOfPromptAndAnswer_CountForTheRepetitionPenalty()
    {
        AnswerTokens answer = Begin([0], GenerationOptions.Greedy with { RepetitionPenalty = 2 });

        int[] picked = [.. Enumerable.Range(0, 3).Select(_ => answer.Add([10, 8, 6, 0]))];

        picked.Should().Equal([1, 2, 0], "0 counts 5 from the beginning, then 1 counts 4, then 2 counts 3");
    }

    [Fact]
    public void Add_LogitsThatAreNotFinite_AreCountedAndTheFirstIsNamed() =>
        FluentActions.Invoking(() => Begin([1, 2]).Add([0, float.NaN, 1, float.PositiveInfinity])).Should().Throw<NotFiniteNumberException>()
            .WithMessage("*2 of 4, the first for token id 1 (NaN)*at token 1 of the answer, behind 2 tokens in all*");

    private static AnswerTokens Begin(int[] prompt, GenerationOptions? options = null, int context = 20) =>
        new(prompt, options ?? GenerationOptions.Greedy, Vocabulary, context);
}
